import type { z } from 'zod';
import { type ModuleTable, moduleTable } from '../../../registry/table.js';
import { cocoSet } from './coco.js';
import type { DatasetKeys, DetectionKeys, DetectionSet, SegmentationSet } from './define.js';
import { ade20kSet, baseSegSet, cityscapesSet } from './label_maps.js';
import { vocSet, xmlSet } from './xml.js';

/** A data set of any type, its config not yet checked. */
export type AnyDetectionSet = DetectionSet<string, z.ZodType<DetectionKeys>>;
export type AnySegmentationSet = SegmentationSet<string, z.ZodType<DatasetKeys>>;

/** The data sets that a `dataset` of a config may be, by task: one line each. */
export const DATASETS: {
  readonly detection: ModuleTable<AnyDetectionSet>;
  readonly segmentation: ModuleTable<AnySegmentationSet>;
} = {
  detection: moduleTable('data set for detection', { CocoDataset: cocoSet, XMLDataset: xmlSet, VOCDataset: vocSet }),
  segmentation: moduleTable('data set for segmentation', {
    BaseSegDataset: baseSegSet,
    ADE20KDataset: ade20kSet,
    CityscapesDataset: cityscapesSet,
  }),
};
