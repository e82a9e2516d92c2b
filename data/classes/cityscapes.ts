/** Cityscapes' 19 evaluated classes in the order of their train ids (Cordts et al., arXiv 1604.01685), with its colours. */
import type { MetaInfo } from '../metainfo.js';

export const cityscapes = {
  classes: [
    'road',
    'sidewalk',
    'building',
    'wall',
    'fence',
    'pole',
    'traffic light',
    'traffic sign',
    'vegetation',
    'terrain',
    'sky',
    'person',
    'rider',
    'car',
    'truck',
    'bus',
    'train',
    'motorcycle',
    'bicycle',
  ],
  palette: [
    [128, 64, 128],
    [244, 35, 232],
    [70, 70, 70],
    [102, 102, 156],
    [190, 153, 153],
    [153, 153, 153],
    [250, 170, 30],
    [220, 220, 0],
    [107, 142, 35],
    [152, 251, 152],
    [70, 130, 180],
    [220, 20, 60],
    [255, 0, 0],
    [0, 0, 142],
    [0, 0, 70],
    [0, 60, 100],
    [0, 80, 100],
    [0, 0, 230],
    [119, 11, 32],
  ],
} as const satisfies MetaInfo;

/** The label id of each train id. The ids between them, 0 to 33, are not evaluated. */
export const CITYSCAPES_LABEL_IDS: readonly number[] = [
  7, 8, 11, 12, 13, 17, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 31, 32, 33,
];

/** From what `*_labelIds.png` holds to train ids; 255 for what is not evaluated. */
export const CITYSCAPES_TRAIN_IDS: ReadonlyMap<number, number> = new Map([
  ...Array.from({ length: 34 }, (_, id): [number, number] => [id, 255]),
  // License plates have id -1, which 8 bits hold as 255.
  [255, 255],
  ...CITYSCAPES_LABEL_IDS.map((id, trainId): [number, number] => [id, trainId]),
]);
