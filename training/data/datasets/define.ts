/**
 * What a data set of a config is: a `type` of mmdet or mmseg, its keys, and a reader. Definitions are values, as the modules
 * of networks are.
 */
import { resolve } from 'node:path';
import { z } from 'zod';
import type { Notes } from '../../../core/notes.js';
import type { ConfigClasses } from '../../../data/class_check.js';
import type { DetectionDataset, SegmentationDataset } from '../../../data/dataset.js';
import { metaInfoSchema } from '../../../data/metainfo.js';
import { filterSchema } from '../../loading/detection_data.js';

export const ignored = z.unknown().optional();

/** mmengine's keys of every data set, beside `ann_file` and `data_prefix`, which each has in its own way. */
export const datasetKeys = {
  data_root: z.string().nullish().describe('relative to the working directory, as all paths that are not below it'),
  metainfo: metaInfoSchema.partial().nullish(),
  pipeline: ignored,
  indices: z
    .union([z.int(), z.array(z.int().min(0)).min(1)])
    .nullish()
    .describe('so many from the start (from the end where below 0), or these'),
  test_mode: z.boolean().default(false),
  serialize_data: ignored,
  lazy_init: ignored,
  max_refetch: ignored,
  backend_args: ignored,
  file_client_args: ignored,
} as const;

/** mmdet's own of detection. */
export const detectionKeys = {
  ...datasetKeys,
  filter_cfg: filterSchema.nullish(),
  return_classes: ignored,
  caption_prompt: ignored,
} as const;

const anySchema = z.object(datasetKeys);
const anyDetectionSchema = z.object(detectionKeys);
export type DatasetKeys = z.output<typeof anySchema>;
export type DetectionKeys = z.output<typeof anyDetectionSchema>;

/** What a reader gets beside its keys. */
export interface ReadingContext {
  /** The config's classes. */
  readonly classes: ConfigClasses;
  readonly notes: Notes;
}

interface SetDefinition<Type extends string, Schema extends z.ZodType, Dataset> {
  /** The config's `type`. */
  readonly type: Type;
  /** Of the keys beside `type`; strict. */
  readonly schema: Schema;
  /** @throws {LowformerError} for what is missing or no annotation, naming the file. */
  open(config: z.output<Schema>, context: ReadingContext): Promise<Dataset>;
}

export interface DetectionSet<Type extends string, Schema extends z.ZodType<DetectionKeys>>
  extends SetDefinition<Type, Schema, DetectionDataset> {
  readonly task: 'detection';
}

export interface SegmentationSet<Type extends string, Schema extends z.ZodType<DatasetKeys>>
  extends SetDefinition<Type, Schema, SegmentationDataset> {
  readonly task: 'segmentation';
}

export const defineDetectionSet = <const Type extends string, Schema extends z.ZodType<DetectionKeys>>(
  set: Omit<DetectionSet<Type, Schema>, 'task'>,
): DetectionSet<Type, Schema> => ({ ...set, task: 'detection' });

export const defineSegmentationSet = <const Type extends string, Schema extends z.ZodType<DatasetKeys>>(
  set: Omit<SegmentationSet<Type, Schema>, 'task'>,
): SegmentationSet<Type, Schema> => ({ ...set, task: 'segmentation' });

/** mmengine's rule: paths are below `data_root`, unless they are absolute. */
export function placed({ data_root: root }: Pick<DatasetKeys, 'data_root'>, ...path: readonly string[]): string {
  return resolve(root ?? '', ...path);
}
