/**
 * mmseg's IoUMetric, by its names. Figures are fractions of 1, as all of this toolkit are, where mmseg logs percent with two
 * digits; and mIoU comes first, before the share of right pixels.
 */
import { z } from 'zod';
import { createSegmentationMetrics, type SegmentationResult } from '../../../evaluation/segmentation_metrics.js';
import type { ClassScores } from '../../../evaluation/segmentation_scores.js';
import { noteDoubts } from '../../../scoring/label_notes.js';
import { defineSegmentationEvaluator, prefixed } from './evaluator.js';
import { formatOnly, storageKeys } from './shared_keys.js';

/** What each of `iou_metrics` stands for, in mmseg's order. */
const FIGURES = {
  mIoU: ['IoU', 'Acc'],
  mDice: ['Dice', 'Acc'],
  mFscore: ['Fscore', 'Precision', 'Recall'],
} as const satisfies Record<string, readonly (keyof ClassScores)[]>;

export const iouMetric = defineSegmentationEvaluator({
  type: 'IoUMetric',
  schema: z.strictObject({
    iou_metrics: z
      .array(z.enum(['mIoU', 'mDice', 'mFscore']))
      .min(1)
      .default(['mIoU']),
    ignore_index: z.int().min(0).optional().describe("the data set's where absent"),
    nan_to_num: z
      .number()
      .nullish()
      .describe('what a class counts for that neither side shows; else it does not count'),
    beta: z.literal(1).default(1),
    output_dir: z.unknown().optional(),
    format_only: formatOnly,
    prefix: z.string().nullish(),
    ...storageKeys,
  }),

  create(truth, config, notes) {
    const { name, numClasses, reduceZeroLabel } = truth;
    const ignoreIndex = config.ignore_index ?? truth.ignoreIndex;
    const metrics = createSegmentationMetrics({ numClasses, reduceZeroLabel, ignoreIndex });
    return {
      add: ({ name: file, truth: labels, prediction }) => metrics.add(file, labels, prediction),
      metrics() {
        noteDoubts(name, metrics.counts(), notes);
        const result = metrics.result();
        const figures = new Set(config.iou_metrics.flatMap((metric) => FIGURES[metric]));
        const means = [...figures].map((figure) => [`m${figure}`, meanOf(result, figure, config.nan_to_num)] as const);
        return prefixed(config.prefix, [...means, ['aAcc', result.aAcc ?? Number.NaN]]);
      },
    };
  },
});

function meanOf(result: SegmentationResult, figure: keyof ClassScores, absent: number | null | undefined): number {
  const values = result.perClass.map((scores) => scores[figure] ?? absent).filter((value) => value != null);
  return values.length === 0 ? Number.NaN : values.reduce((sum, value) => sum + value, 0) / values.length;
}
