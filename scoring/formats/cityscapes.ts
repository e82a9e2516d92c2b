/** Cityscapes as it is distributed, with its label ids or with train ids: see data/segmentation_folders. */
import { z } from 'zod';
import { cityscapes as dataset } from '../../data/classes/cityscapes.js';
import { listFiles } from '../../data/files.js';
import { defineSegmentationFormat } from './define.js';

export const cityscapes = defineSegmentationFormat({
  type: 'cityscapes',
  schema: z.strictObject({}),
  classes: dataset.classes,
  palette: dataset.palette,
  async open({ images, labels, list }) {
    const { readCityscapes } = await import('../../data/segmentation_folders.js');
    const found = await listFiles(labels, ['_gtFine_labelIds.png']);
    return readCityscapes({ images, labels }, found.length > 0 ? 'labelIds' : 'labelTrainIds', { list });
  },
});
