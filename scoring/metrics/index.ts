import type { z } from 'zod';
import type { ModuleConfig } from '../../registry/config_types.js';
import { type ModuleTable, moduleTable } from '../../registry/table.js';
import { coco } from './coco.js';
import type { ClassificationMetric, DetectionMetric, SegmentationMetric } from './define.js';
import { miou } from './miou.js';
import { topK } from './top_k.js';
import { voc } from './voc.js';

/** One line each, in the order of the help; of a task, the first is meant where none is named. */
const own = { coco, voc, miou, 'top-k': topK } as const;
type OwnMetrics = typeof own;

/**
 * Every metric, for the types of their options. A third party's joins by declaration merging:
 * `declare module 'lowformer' { interface RegisteredMetrics { readonly mine: typeof mine } }`.
 */
export interface RegisteredMetrics extends OwnMetrics {}

/** A metric with its options: `{ type: 'voc', iou: 0.7 }`. */
export type MetricConfig = ModuleConfig<RegisteredMetrics>;

/** A metric of any task, its options not yet checked. */
export type AnyMetric =
  | DetectionMetric<string, z.ZodType, unknown, unknown>
  | SegmentationMetric<string, z.ZodType, unknown, unknown>
  | ClassificationMetric<string, z.ZodType, unknown, unknown>;

/** Every metric by what `--metric` calls it. */
export const METRICS: ModuleTable<AnyMetric> = moduleTable<AnyMetric>('metric', own);
