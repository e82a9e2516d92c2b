/** mmdet's CocoMetric, for boxes: pycocotools' figures (evaluation/coco_evaluator), not rounded to three digits. */
import { z } from 'zod';
import type { CocoStat } from '../../../evaluation/coco_parameters.js';
import { createCocoScore } from '../../../scoring/coco_score.js';
import { defineDetectionEvaluator, prefixed } from './evaluator.js';
import { formatOnly, storageKeys } from './shared_keys.js';

/** mmdet's names in the order of pycocotools' twelve figures; its numbers of detections are in the names, whatever they are. */
const STATS = {
  mAP: 'AP',
  mAP_50: 'AP50',
  mAP_75: 'AP75',
  mAP_s: 'APs',
  mAP_m: 'APm',
  mAP_l: 'APl',
  'AR@100': 'AR1',
  'AR@300': 'AR10',
  'AR@1000': 'AR100',
  'AR_s@1000': 'ARs',
  'AR_m@1000': 'ARm',
  'AR_l@1000': 'ARl',
} as const satisfies Record<string, CocoStat>;

const item = z.enum([
  'mAP',
  'mAP_50',
  'mAP_75',
  'mAP_s',
  'mAP_m',
  'mAP_l',
  'AR@100',
  'AR@300',
  'AR@1000',
  'AR_s@1000',
  'AR_m@1000',
  'AR_l@1000',
]);

const count = z.int().positive();

export const cocoMetric = defineDetectionEvaluator({
  type: 'CocoMetric',
  schema: z.strictObject({
    ann_file: z.string().nullish(),
    metric: z.union([z.literal('bbox'), z.array(z.literal('bbox')).length(1)]).default('bbox'),
    classwise: z.boolean().default(false).describe('the AP of each class, too'),
    proposal_nums: z
      .tuple([count, count, count])
      .readonly()
      .default([100, 300, 1000])
      .refine(([fewest, more, most]) => fewest < more && more < most, { error: 'expected ascending numbers' })
      .describe('the most detections of a class and picture that count'),
    iou_thrs: z.null().optional().describe("COCO's ten thresholds"),
    metric_items: z
      .array(item)
      .min(1)
      .nullish()
      .transform((items) => items ?? (['mAP', 'mAP_50', 'mAP_75', 'mAP_s', 'mAP_m', 'mAP_l'] as const)),
    format_only: formatOnly,
    prefix: z.string().nullish(),
    outfile_prefix: z.unknown().optional(),
    sort_categories: z.unknown().optional(),
    use_mp_eval: z.unknown().optional(),
    ...storageKeys,
  }),
  annotations: ({ ann_file }) => ann_file ?? undefined,

  create(annotations, config, notes) {
    const score = createCocoScore(annotations, notes, config.proposal_nums);
    return {
      add: ({ position, detections }) => score.add(position, detections),
      metrics() {
        const { stats, perCategory } = score.summary();
        const figures = config.metric_items.map((name) => [`bbox_${name}`, stats[STATS[name]]] as const);
        const classes = perCategory.map(({ name, AP }) => [`${name}_precision`, AP < 0 ? Number.NaN : AP] as const);
        return prefixed(config.prefix ?? 'coco', [...figures, ...(config.classwise ? classes : [])]);
      },
    };
  },
});
