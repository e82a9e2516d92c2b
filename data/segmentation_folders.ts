import { join } from 'node:path';
import { ade20k } from './classes/ade20k.js';
import { CITYSCAPES_TRAIN_IDS, cityscapes } from './classes/cityscapes.js';
import type { ColorMap } from './color_map.js';
import type { SegmentationDataset } from './dataset.js';
import { pairFiles } from './pair_files.js';

/** Two folders whose files have the same names, folders below included. */
export interface SegmentationFolders {
  readonly images: string;
  readonly labels: string;
}

export interface FolderOptions {
  /** Ends of the pictures' names; absent: any picture. */
  readonly imageSuffix?: string | undefined;
  /** Ends of the label files' names: `.png` by default. */
  readonly labelSuffix?: string | undefined;
  readonly reduceZeroLabel?: boolean;
  /** 255 by default. */
  readonly ignoreIndex?: number;
  readonly classes?: readonly string[];
  /** A file that names the pictures that count. */
  readonly list?: string | undefined;
  readonly colors?: ColorMap | undefined;
  /** Labels that stand for others. */
  readonly labelMap?: ReadonlyMap<number, number> | undefined;
}

/**
 * Any folder of pictures with a folder of label PNGs, grey or palette, pixel = class index.
 * @throws {LowformerError} `unreadable-file` for a missing folder, and for pictures or label maps without counterpart.
 */
export async function readSegmentationFolders(
  { images, labels }: SegmentationFolders,
  options: FolderOptions = {},
): Promise<SegmentationDataset> {
  const {
    imageSuffix,
    labelSuffix = '.png',
    reduceZeroLabel = false,
    ignoreIndex = 255,
    list,
    colors,
    labelMap,
  } = options;
  const pictures = { folder: images, what: 'picture', ...(imageSuffix === undefined ? {} : { suffix: imageSuffix }) };
  const pairs = await pairFiles(pictures, { folder: labels, what: 'label map', suffix: labelSuffix }, list);
  const samples = pairs.map(({ id, left, right }) => ({ id, file: left, labelFile: right }));
  const classes = options.classes ?? colors?.names;
  const numbers = {
    ...(colors === undefined ? {} : { colors }),
    ...(labelMap === undefined ? {} : { labelMap, keepsOthers: true }),
  };
  return { kind: 'segmentation', name: labels, classes, samples, reduceZeroLabel, ignoreIndex, ...numbers };
}

/** The folders of one split of ADE20K as the scene parsing challenge distributes it. */
export function ade20kFolders(root: string, split: 'training' | 'validation' = 'validation'): SegmentationFolders {
  return { images: join(root, 'images', split), labels: join(root, 'annotations', split) };
}

/** ADE20K's 150 classes (Zhou et al., CVPR 2017): labels count from 1, and 0 is everything else. @throws as above. */
export function readAde20k(
  folders: SegmentationFolders,
  options: Pick<FolderOptions, 'list'> = {},
): Promise<SegmentationDataset> {
  return readSegmentationFolders(folders, {
    ...options,
    imageSuffix: '.jpg',
    reduceZeroLabel: true,
    classes: ade20k.classes,
  });
}

/** The folders of one split of Cityscapes as it is distributed. */
export function cityscapesFolders(root: string, split: 'train' | 'val' = 'val'): SegmentationFolders {
  return { images: join(root, 'leftImg8bit', split), labels: join(root, 'gtFine', split) };
}

/**
 * Cityscapes' 19 classes (Cordts et al., arXiv 1604.01685), in folders by city. `labelIds` are distributed, and mapped
 * to train ids here; `labelTrainIds` are what cityscapesscripts makes of them. Both give the same labels; 255 is
 * ignored. @throws as above.
 */
export async function readCityscapes(
  folders: SegmentationFolders,
  labels: 'labelIds' | 'labelTrainIds' = 'labelIds',
  options: Pick<FolderOptions, 'list'> = {},
): Promise<SegmentationDataset> {
  const dataset = await readSegmentationFolders(folders, {
    ...options,
    imageSuffix: '_leftImg8bit.png',
    labelSuffix: `_gtFine_${labels}.png`,
    classes: cityscapes.classes,
  });
  return labels === 'labelIds' ? { ...dataset, labelMap: CITYSCAPES_TRAIN_IDS, keepsOthers: false } : dataset;
}
