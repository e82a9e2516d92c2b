/** RetinaNet's losses from its raw maps, as mmdet 3's `AnchorHead.loss_by_feat`. */
import { z } from 'zod';
import { createLoss, lossSchema } from '../losses/index.js';
import type { DetectionTruth, HeadLosses } from '../registry/define_losses.js';
import type { CheckedPart } from '../registry/part_schema.js';
import {
  type AnchorTraining,
  anchorInputs,
  anchorTargetsOf,
  levelInputs,
  levelOutputs,
  predictedBoxes,
  single,
} from './anchor_training.js';

/** Of the head's keys; mmdet's defaults. */
export const anchorLossKeys = z.strictObject({
  loss_cls: lossSchema.prefault({ type: 'CrossEntropyLoss', use_sigmoid: true }),
  loss_bbox: lossSchema.prefault({ type: 'SmoothL1Loss', beta: 1 / 9 }),
});

/** `loss_cls` and `loss_bbox`, each the sum over the levels. */
export function anchorLosses(
  training: AnchorTraining,
  config: { readonly loss_cls: CheckedPart; readonly loss_bbox: CheckedPart },
): HeadLosses<DetectionTruth> {
  const { head, priors } = training;
  const classLoss = createLoss(config.loss_cls, 'detection', `${head}.loss_cls`);
  const boxLoss = createLoss(config.loss_bbox, 'detection', `${head}.loss_bbox`);
  const boxesOf = predictedBoxes(training);
  const targetsOf = anchorTargetsOf(training);
  const anchors = priors.priorsPerPosition;

  return {
    build(g, outputs) {
      const averageFactor = g.input('targets.average_factor', 1);
      const deltas = levelOutputs(outputs, 'reg');
      const classification = levelOutputs(outputs, 'cls').map((prediction, level) =>
        classLoss.build(g.scope(`loss_cls.${level}`), {
          use: 'detection',
          prediction,
          target: { kind: 'classes', labels: g.input(`targets.labels${level}`, anchors) },
          weight: g.input(`targets.label_weights${level}`, anchors),
          averageFactor,
        }),
      );
      const boxes = deltas.map((prediction, level) => {
        const path = g.scope(`loss_bbox.${level}`);
        return boxLoss.build(path, {
          use: 'detection',
          prediction: boxesOf(g, path, prediction, level),
          target: { kind: 'values', values: g.input(`targets.boxes${level}`, anchors * 4) },
          weight: g.input(`targets.box_weights${level}`, anchors),
          averageFactor,
        });
      });
      return [
        { name: 'loss_cls', value: classification.reduce((sum, loss) => g.add(sum, loss)) },
        { name: 'loss_bbox', value: boxes.reduce((sum, loss) => g.add(sum, loss)) },
      ];
    },

    targets(batch, shapes) {
      const { found, grid } = targetsOf(batch, shapes);
      return {
        'targets.average_factor': single(found.averageFactor),
        ...levelInputs(found.levels, ({ labels, labelWeights, boxes, boxWeights }) => ({
          labels,
          label_weights: labelWeights,
          boxes,
          box_weights: boxWeights,
        })),
        ...(training.decoded ? anchorInputs(grid, batch.length) : {}),
      };
    },
  };
}
