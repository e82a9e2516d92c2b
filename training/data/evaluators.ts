/** A config's `val_evaluator`: which figures validation gives, under which names. */
import { z } from 'zod';
import { type ParseContext, parsePart } from '../../registry/parse_module.js';
import type { TrainedTask } from './dataset_tree.js';

const unused = z.unknown().optional();

/** mmengine's keys of every metric. */
const shared = {
  collect_device: unused,
  collect_dir: unused,
  backend_args: unused,
  file_client_args: unused,
  outfile_prefix: unused,
} as const;
const measured = z.literal(false, { error: 'expected false: figures are what validation is for' }).default(false);
const one = <Name extends string>(name: Name) =>
  z.union([z.literal(name), z.tuple([z.literal(name)])], { error: `expected '${name}'` }).default(name);

const coco = z.strictObject({
  type: z.literal('CocoMetric'),
  ann_file: z.string().nullish().describe("the data set's own annotations are what is scored against"),
  metric: one('bbox'),
  classwise: z.boolean().default(false),
  proposal_nums: z.tuple([z.int(), z.int(), z.int()]).default([100, 300, 1000]),
  prefix: z.string().default('coco'),
  iou_thrs: z.null({ error: 'expected null: overlaps from 0.5 to 0.95' }).optional(),
  metric_items: z.null({ error: 'expected null: all figures are given' }).optional(),
  format_only: measured,
  sort_categories: unused,
  use_mp_eval: unused,
  ...shared,
});

const overlap = z.number().gt(0).max(1);
const voc = z.strictObject({
  type: z.literal('VOCMetric'),
  iou_thrs: z.union([overlap.transform((value) => [value]), z.array(overlap).min(1)]).default([0.5]),
  metric: one('mAP'),
  eval_mode: z.enum(['area', '11points']).default('11points'),
  prefix: z.string().default('pascal_voc'),
  scale_ranges: z.null({ error: 'expected null: objects of all sizes count together' }).optional(),
  proposal_nums: unused,
  ...shared,
});

const figures = z.enum(['mIoU', 'mDice', 'mFscore']);
const iou = z.strictObject({
  type: z.literal('IoUMetric'),
  iou_metrics: z.array(figures).min(1).default(['mIoU']),
  prefix: z.string().nullish(),
  ignore_index: z.int().min(0).default(255),
  nan_to_num: z.null({ error: 'expected null: classes that occur nowhere do not count' }).optional(),
  beta: z.literal(1, { error: 'expected 1' }).default(1),
  output_dir: unused,
  format_only: measured,
  ...shared,
});

const detection = z.discriminatedUnion('type', [coco, voc]);
const segmentation = z.discriminatedUnion('type', [iou]);

/** mmdet's, with its names: `coco/bbox_mAP`, `pascal_voc/mAP`. */
export type DetectionEvaluator = z.output<typeof detection>;
/** mmseg's: `mIoU`, `aAcc`, `mAcc`. */
export type SegmentationEvaluator = z.output<typeof segmentation>;
export type Evaluator = DetectionEvaluator | SegmentationEvaluator;

/** @throws {LowformerError} `invalid-config` with the path, for metrics of another task as for any other mistake. */
export function parseEvaluators(given: unknown, task: TrainedTask, context: ParseContext): readonly Evaluator[] {
  const isList = Array.isArray(given);
  const schema = task === 'detection' ? z.array(detection).min(1) : z.array(segmentation).min(1);
  const items = isList ? undefined : [context.path];
  return parsePart(schema, isList ? given : [given], { ...context, items });
}
