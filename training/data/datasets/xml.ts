/** mmdet's `XMLDataset` and `VOCDataset`: Pascal VOC's files, and a list of those that count. */
import { z } from 'zod';
import { readPictureList } from '../../../data/subset.js';
import { readVoc } from '../../../data/voc.js';
import { type DetectionKeys, defineDetectionSet, detectionKeys, placed, type ReadingContext } from './define.js';

const own = {
  ...detectionKeys,
  ann_file: z.string().min(1).describe('a list: one id a line'),
  data_prefix: z.strictObject({ sub_data_root: z.string().default('') }).prefault({}),
  img_subdir: z.string().default('JPEGImages'),
  ann_subdir: z.string().default('Annotations'),
  bbox_min_size: z.null({ error: 'expected null: boxes are left out by filter_cfg alone' }).optional(),
} as const;
const schema = z.strictObject(own);

async function open(config: z.output<typeof schema> & DetectionKeys, { classes, notes }: ReadingContext) {
  const list = placed(config, config.ann_file);
  const root = config.data_prefix.sub_data_root;
  const folders = {
    annotations: placed(config, root, config.ann_subdir),
    images: placed(config, root, config.img_subdir),
  };
  const dataset = await readVoc(folders, { ids: await readPictureList(list), classes: classes.classes, notes });
  return { ...dataset, name: list };
}

export const xmlSet = defineDetectionSet({ type: 'XMLDataset', schema, open });
export const vocSet = defineDetectionSet({ type: 'VOCDataset', schema, open });
