/** ATSS's losses from its raw maps, as mmdet 3's `ATSSHead.loss_by_feat`. */
import { z } from 'zod';
import { type Tensor, tensor } from '../core/tensor.js';
import { createLoss, lossSchema } from '../losses/index.js';
import type { DetectionTruth, HeadLosses } from '../registry/define_losses.js';
import type { CheckedPart } from '../registry/part_schema.js';
import type { LevelTargets } from '../targets/anchor_targets.js';
import {
  type AnchorTraining,
  anchorInputs,
  anchorTargetsOf,
  levelInputs,
  levelOutputs,
  levelSums,
  predictedBoxes,
  single,
} from './anchor_training.js';

/** Of the head's keys; mmdet's defaults. */
export const atssLossKeys = z.strictObject({
  loss_cls: lossSchema.prefault({ type: 'CrossEntropyLoss', use_sigmoid: true }),
  loss_bbox: lossSchema.prefault({ type: 'SmoothL1Loss', beta: 1 / 9 }),
  loss_centerness: lossSchema.prefault({ type: 'CrossEntropyLoss', use_sigmoid: true }),
});

/**
 * `loss_cls`, `loss_bbox` and `loss_centerness`, each the sum over the levels. Boxes are compared by their corners, and
 * count as much as their anchor is central in the object.
 */
export function atssLosses(
  training: AnchorTraining,
  config: { readonly loss_cls: CheckedPart; readonly loss_bbox: CheckedPart; readonly loss_centerness: CheckedPart },
): HeadLosses<DetectionTruth> {
  const lossOf = (key: keyof typeof config) => createLoss(config[key], 'detection', `${training.head}.${key}`);
  const [classLoss, boxLoss, centreLoss] = [lossOf('loss_cls'), lossOf('loss_bbox'), lossOf('loss_centerness')];
  const boxesOf = predictedBoxes(training);
  const targetsOf = anchorTargetsOf(training);
  const anchors = training.priors.priorsPerPosition;
  const use = 'detection';

  return {
    build(g, outputs) {
      const averageFactor = g.input('targets.average_factor', 1);
      const boxFactor = g.input('targets.centerness_sum', 1);
      const [deltas, centres] = [levelOutputs(outputs, 'reg'), levelOutputs(outputs, 'centerness')];
      const levels = levelOutputs(outputs, 'cls').map((scores, level) => {
        const at = (name: string) => g.scope(`${name}.${level}`);
        const [reg = scores, centre = scores] = [deltas[level], centres[level]];
        const centerness = g.input(`targets.centerness${level}`, anchors);
        return [
          classLoss.build(at('loss_cls'), {
            use,
            prediction: scores,
            target: { kind: 'classes', labels: g.input(`targets.labels${level}`, anchors) },
            weight: g.input(`targets.label_weights${level}`, anchors),
            averageFactor,
          }),
          boxLoss.build(at('loss_bbox'), {
            use,
            prediction: boxesOf(g, at('loss_bbox'), reg, level),
            target: { kind: 'values', values: g.input(`targets.boxes${level}`, anchors * 4) },
            weight: centerness,
            averageFactor: boxFactor,
          }),
          centreLoss.build(at('loss_centerness'), {
            use,
            prediction: centre,
            target: { kind: 'values', values: centerness },
            weight: g.input(`targets.box_weights${level}`, anchors),
            averageFactor,
          }),
        ];
      });
      return levelSums(g, ['loss_cls', 'loss_bbox', 'loss_centerness'], levels);
    },

    targets(batch, shapes) {
      const { found, grid } = targetsOf(batch, shapes);
      const anchorTensors = anchorInputs(grid, batch.length);
      const centerness = found.levels.map((level, i) => centernessOf(level, anchorTensors[`targets.anchors${i}`]));
      const sum = centerness.reduce((total, { data }) => total + data.reduce((a, b) => a + b, 0), 0);
      return {
        'targets.average_factor': single(found.averageFactor),
        // mmdet's is a number of float32, and at least 1.
        'targets.centerness_sum': single(Math.max(1, sum)),
        ...levelInputs(found.levels, ({ labels, labelWeights, boxes, boxWeights }) => ({
          labels,
          label_weights: labelWeights,
          boxes,
          box_weights: boxWeights,
        })),
        ...levelInputs(centerness, (values) => ({ centerness: values })),
        ...anchorTensors,
      };
    },
  };
}

/** How central the anchors of objects are in these, 0 to 1 (FCOS, arXiv 1904.01355, equation 3): [N, A, H, W]. */
function centernessOf({ boxes, boxWeights }: LevelTargets, anchors: Tensor | undefined): Tensor {
  const [n = 0, perPosition = 0, h = 0, w = 0] = boxWeights.shape;
  const area = h * w;
  const values = new Float32Array(boxWeights.data.length);
  for (let channel = 0; channel < n * perPosition; channel++) {
    for (let position = 0; position < area; position++) {
      if (boxWeights.data[channel * area + position] !== 1) continue;
      const at = channel * 4 * area + position;
      const share = (axis: number) => {
        const [from, to] = [at + axis * area, at + (axis + 2) * area];
        const centre = Math.fround((anchors?.data[from] ?? 0) + (anchors?.data[to] ?? 0)) / 2;
        const [before, after] = [centre - (boxes.data[from] ?? 0), (boxes.data[to] ?? 0) - centre];
        return Math.min(before, after) / Math.max(before, after);
      };
      values[channel * area + position] = Math.sqrt(share(0) * share(1));
    }
  }
  return tensor(boxWeights.shape, values);
}
