/** FCOS's losses from its raw maps, as mmdet 3's `FCOSHead.loss_by_feat`. */
import { z } from 'zod';
import { LowformerError } from '../core/errors.js';
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import { arithmetic } from '../losses/arithmetic.js';
import { createLoss, lossSchema } from '../losses/index.js';
import type { DetectionTruth, HeadLosses } from '../registry/define_losses.js';
import { pointTargets } from '../targets/point_targets.js';
import { levelInputs, levelOutputs, levelSums, mapSize, single } from './anchor_training.js';

/** mmdet's INF. */
const FAR = 1e8;

/** Of the head's keys; mmdet's defaults. */
export const fcosLossKeys = z.strictObject({
  regress_ranges: z
    .array(z.tuple([z.number(), z.number()]))
    .min(1)
    .default([
      [-1, 64],
      [64, 128],
      [128, 256],
      [256, 512],
      [512, FAR],
    ])
    .describe('pixels to the farthest side of the objects of each level'),
  center_sampling: z.boolean().default(false).describe('whether points far from the centre are background'),
  center_sample_radius: z.number().positive().default(1.5).describe('in strides'),
  loss_cls: lossSchema.prefault({ type: 'FocalLoss' }),
  loss_bbox: lossSchema.prefault({ type: 'IoULoss' }),
  loss_centerness: lossSchema.prefault({ type: 'CrossEntropyLoss', use_sigmoid: true }),
});

export interface FcosTraining {
  readonly classes: number;
  readonly strides: readonly number[];
  /** `norm_on_bbox`: boxes are compared in strides, not in pixels. */
  readonly normalised: boolean;
}

/**
 * `loss_cls`, `loss_bbox` and `loss_centerness`, each the sum over the levels. Boxes are compared as they lie around their
 * points, and count as much as the point is central.
 * @throws {LowformerError} `invalid-config` for ranges of another number than the levels.
 */
export function fcosLosses(
  { classes, strides, normalised }: FcosTraining,
  config: z.output<typeof fcosLossKeys>,
): HeadLosses<DetectionTruth> {
  const ranges = config.regress_ranges;
  if (ranges.length !== strides.length) {
    const expected = `${strides.length} ranges, one for each of the strides`;
    const where = 'FCOSHead.regress_ranges';
    throw new LowformerError({ code: 'invalid-config', where, expected, received: ranges.length });
  }
  const lossOf = (key: 'loss_cls' | 'loss_bbox' | 'loss_centerness') =>
    createLoss(config[key], 'detection', `FCOSHead.${key}`);
  const [classLoss, boxLoss, centreLoss] = [lossOf('loss_cls'), lossOf('loss_bbox'), lossOf('loss_centerness')];
  const radius = config.center_sampling ? config.center_sample_radius : undefined;
  const use = 'detection';

  return {
    build(g, outputs) {
      const averageFactor = g.input('targets.average_factor', 1);
      const boxFactor = g.input('targets.centerness_sum', 1);
      const [distances, centres] = [levelOutputs(outputs, 'reg'), levelOutputs(outputs, 'centerness')];
      const levels = levelOutputs(outputs, 'cls').map((scores, level) => {
        const at = (name: string) => g.scope(`${name}.${level}`);
        const [reg = scores, centre = scores] = [distances[level], centres[level]];
        const centerness = g.input(`targets.centerness${level}`, 1);
        const unit = normalised ? (strides[level] ?? 1) : 1;
        return [
          classLoss.build(at('loss_cls'), {
            use,
            prediction: scores,
            target: { kind: 'classes', labels: g.input(`targets.labels${level}`, 1) },
            averageFactor,
          }),
          boxLoss.build(at('loss_bbox'), {
            use,
            prediction: aroundPoints(at('loss_bbox'), reg, unit),
            target: { kind: 'values', values: g.input(`targets.boxes${level}`, 4) },
            weight: centerness,
            averageFactor: boxFactor,
          }),
          centreLoss.build(at('loss_centerness'), {
            use,
            prediction: centre,
            target: { kind: 'values', values: centerness },
            weight: g.input(`targets.objects${level}`, 1),
            averageFactor,
          }),
        ];
      });
      return levelSums(g, ['loss_cls', 'loss_bbox', 'loss_centerness'], levels);
    },

    targets(batch, shapes) {
      const maps = strides.map((_, level) => mapSize(shapes, `cls${level}`));
      const { levels, positives } = pointTargets(batch, maps, { classes, strides, ranges, radius, normalised });
      const sum = levels.reduce((total, { centerness }) => total + centerness.data.reduce((a, b) => a + b, 0), 0);
      return {
        'targets.average_factor': single(Math.max(1, positives)),
        'targets.centerness_sum': single(Math.max(1e-6, sum)),
        ...levelInputs(levels, ({ labels, boxes, objects, centerness }) => ({ labels, boxes, objects, centerness })),
      };
    },
  };
}

/** Boxes around their points from distances: left, top, right and bottom to -left, -top, right, bottom. */
function aroundPoints(g: GraphBuilder, distances: Value, unit: number): Value {
  const { add, scale, channel } = arithmetic(g);
  return [-1, -1, 1, 1]
    .map((sign, index) => {
      const side = scale(channel(distances, 4, index), sign / unit);
      return g.emit('placeInGroups', [side], { size: 4, index });
    })
    .reduce((sum, side) => add(sum, side));
}
