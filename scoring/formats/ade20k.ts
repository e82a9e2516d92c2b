/** ADE20K as the scene parsing challenge distributes it: see data/segmentation_folders. */
import { z } from 'zod';
import { ade20k as dataset } from '../../data/classes/ade20k.js';
import { defineSegmentationFormat } from './define.js';

export const ade20k = defineSegmentationFormat({
  type: 'ade20k',
  schema: z.strictObject({}),
  classes: dataset.classes,
  palette: dataset.palette,
  async open({ images, labels, list }) {
    const { readAde20k } = await import('../../data/segmentation_folders.js');
    return readAde20k({ images, labels }, { list });
  },
});
