/** mmdet's VOCMetric: its `eval_map` at each threshold, and their mean, not rounded. */
import { z } from 'zod';
import { createVocScore } from '../../../scoring/voc_score.js';
import { defineDetectionEvaluator, prefixed } from './evaluator.js';
import { storageKeys } from './shared_keys.js';

const threshold = z.number().gt(0).max(1);

export const vocMetric = defineDetectionEvaluator({
  type: 'VOCMetric',
  schema: z.strictObject({
    iou_thrs: z.union([threshold.transform((value) => [value]), z.array(threshold).min(1)]).default([0.5]),
    scale_ranges: z.null().optional(),
    metric: z.union([z.literal('mAP'), z.array(z.literal('mAP')).length(1)]).default('mAP'),
    eval_mode: z.enum(['area', '11points']).default('11points'),
    prefix: z.string().nullish(),
    proposal_nums: z.unknown().optional().describe('of recall, which is not measured'),
    ...storageKeys,
  }),

  create(annotations, config) {
    // mmdet counts a box's sides as the toolkit of Pascal VOC does.
    const scores = config.iou_thrs.map((iou) =>
      createVocScore(annotations, { iou, mode: config.eval_mode, legacyCoordinates: true }),
    );
    return {
      add({ position, detections }) {
        for (const score of scores) score.add(position, detections);
      },
      metrics() {
        const values = scores.map((score) => score.result().mAP);
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
        const each = values.map((value, i) => [nameOf(config.iou_thrs[i] ?? 0), value] as const);
        return prefixed(config.prefix ?? 'pascal_voc', [['mAP', mean], ...each]);
      },
    };
  },
});

/** As Python formats `f'AP{int(iou * 100):02d}'`. */
function nameOf(iou: number): string {
  return `AP${String(Math.trunc(iou * 100)).padStart(2, '0')}`;
}
