import type { MetaInfo } from '../metainfo.js';
import { ade20k } from './ade20k.js';
import { cityscapes } from './cityscapes.js';
import { coco } from './coco.js';
import { imagenet } from './imagenet.js';
import { objects365v1, objects365v2 } from './objects365.js';
import { openImages } from './open_images.js';
import { voc } from './voc.js';

const widerFace: MetaInfo = { classes: ['face'], palette: [[0, 255, 0]] };

/** Classes that a data set's type implies in OpenMMLab, by task: mmdet and mmseg each have a Cityscapes of their own. */
const BY_TYPE: Readonly<Record<string, Readonly<Record<string, MetaInfo>>>> = {
  detection: {
    CocoDataset: coco,
    VOCDataset: voc,
    WIDERFaceDataset: widerFace,
    Objects365V1Dataset: objects365v1,
    Objects365V2Dataset: objects365v2,
  },
  segmentation: { ADE20KDataset: ade20k, CityscapesDataset: cityscapes },
  classification: { ImageNet: imagenet },
};

/** The classes that a data set's type implies in a config for this task; undefined where it implies none. */
export function impliedMetaInfo(type: string, task: string): MetaInfo | undefined {
  const ofTask = BY_TYPE[task] ?? {};
  return Object.hasOwn(ofTask, type) ? ofTask[type] : undefined;
}

const KNOWN: readonly MetaInfo[] = [...Object.values(BY_TYPE).flatMap((types) => Object.values(types)), openImages];

/** The data set whose classes these are, all and in their order, with its ids and colours. */
export function knownDataset(classes: readonly string[]): MetaInfo | undefined {
  const isIt = ({ classes: own }: MetaInfo) =>
    own.length === classes.length && own.every((name, i) => name === classes[i]);
  return KNOWN.find(isIt);
}
