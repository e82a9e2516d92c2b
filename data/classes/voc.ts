/** Pascal VOC's 20 classes in alphabetical order, as its development kit and mmdet list them (Everingham et al., IJCV 2010). */
import type { MetaInfo } from '../metainfo.js';

export const voc = {
  classes: [
    'aeroplane',
    'bicycle',
    'bird',
    'boat',
    'bottle',
    'bus',
    'car',
    'cat',
    'chair',
    'cow',
    'diningtable',
    'dog',
    'horse',
    'motorbike',
    'person',
    'pottedplant',
    'sheep',
    'sofa',
    'train',
    'tvmonitor',
  ],
} as const satisfies MetaInfo;
