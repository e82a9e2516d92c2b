/** mmdet's `CocoDataset`. */
import { z } from 'zod';
import { readCoco } from '../../../data/coco.js';
import { defineDetectionSet, detectionKeys, placed } from './define.js';

export const cocoSet = defineDetectionSet({
  type: 'CocoDataset',
  schema: z.strictObject({
    ...detectionKeys,
    ann_file: z.string().min(1),
    data_prefix: z.strictObject({ img: z.string().default('') }).prefault({}),
  }),
  open(config, { notes }) {
    const { ann_file: file, data_prefix: prefix } = config;
    return readCoco(placed(config, file), placed(config, prefix.img), { notes, missingArea: 'box' });
  },
});
