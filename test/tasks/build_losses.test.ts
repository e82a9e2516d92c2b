/** Losses and gradients of whole networks, held to one step of mmdet's and mmseg's. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Tensors } from '../../core/tensor.js';
import { tensor } from '../../core/tensor.js';
import { batchStatistics } from '../../graph/gradients/batch_statistics.js';
import { differentiate } from '../../graph/gradients/differentiate.js';
import { runPasses } from '../../graph/passes/index.js';
import { buildLosses, type ModelLosses } from '../../tasks/build_losses.js';
import { buildModel } from '../../tasks/build_model.js';
import { formulaInput, formulaNumbers } from '../formula_weights.js';
import { fedValues } from '../graph/gradients/directional.js';
import { formulaNetwork, runNetwork } from '../run_network.js';

const step = z.object({
  losses: z.record(z.string(), z.number()),
  gradients: z.record(z.string(), z.object({ l2: z.number(), sum: z.number() })),
});
const fileSchema = z.object({
  model: z.record(z.string(), z.unknown()),
  boxes_xyxy: z.array(z.array(z.array(z.number()))).optional(),
  labels: z.union([z.string(), z.array(z.array(z.int()))]),
  bn_frozen: step,
  bn_batch: step,
});

function readStep(name: string) {
  const file = new URL(`../fixtures/reference/training/${name}.json.gz`, import.meta.url);
  return fileSchema.parse(JSON.parse(gunzipSync(readFileSync(file)).toString()));
}

const SHAPE = [2, 3, 96, 160] as const;
const [, , height, width] = SHAPE;

/** What is true of the two pictures. */
function targetsOf(losses: ModelLosses, { boxes_xyxy = [], labels }: ReturnType<typeof readStep>): Tensors {
  if (losses.task === 'detection') {
    const size = { height, width };
    const batch = boxes_xyxy.map((boxes, i) => {
      const classes = Array.isArray(labels) ? (labels[i] ?? []) : [];
      return { boxes: Float32Array.from(boxes.flat()), labels: Int32Array.from(classes), size, padded: size };
    });
    return losses.targets(batch, SHAPE);
  }
  const numbers = formulaNumbers('input.labels', 2 * height * width, (u) => Math.floor(9 * u));
  const maps = [0, 1].map((i) => {
    const picture = numbers.subarray(i * height * width, (i + 1) * height * width);
    return { height, width, labels: Uint8Array.from(picture, (label) => (label > 6 ? 255 : label)) };
  });
  return losses.targets(maps, SHAPE);
}

describe.each([
  ['retinanet', 'input.train_det'],
  ['semantic_fpn', 'input.train_seg'],
])('%s', (name, picture) => {
  const input = tensor(SHAPE, formulaInput(picture, SHAPE));
  const reference = readStep(name);
  const losses = buildLosses(buildModel(reference.model), reference.model);

  test('statistics of the batch: losses', async () => {
    const network = runPasses(formulaNetwork(losses.graph), [batchStatistics()]);
    const found = await runNetwork(network, { input, ...targetsOf(losses, reference) });
    expectLosses(found, reference.bn_batch.losses);
  });

  test('frozen statistics: losses, and gradients of all parameters', async () => {
    const network = runPasses(formulaNetwork(losses.graph), [differentiate({ of: losses.losses })]);
    const found = await runNetwork(network, { input, ...targetsOf(losses, reference), ...fedValues(network) });
    expect(losses.losses).toEqual(Object.keys(reference.bn_frozen.losses));
    expectLosses(found, reference.bn_frozen.losses);
    for (const [parameter, { l2 }] of Object.entries(reference.bn_frozen.gradients)) {
      const slopes = found[`gradient.${parameter}`]?.data ?? Float32Array.of(Number.NaN);
      const norm = Math.sqrt(slopes.reduce((sum, slope) => sum + slope * slope, 0));
      expect(Math.abs(norm - l2) / l2, `${parameter}: ${norm} for ${l2}`).toBeLessThan(1e-4);
    }
  });
});

function expectLosses(found: Tensors, expected: Readonly<Record<string, number>>): void {
  for (const [loss, value] of Object.entries(expected)) {
    expect(Math.abs((found[loss]?.data[0] ?? Number.NaN) - value) / value, loss).toBeLessThan(1e-5);
  }
}

describe('what is told before a run', () => {
  const { model } = readStep('retinanet');
  const parts = z
    .object({ bbox_head: z.record(z.string(), z.unknown()), train_cfg: z.record(z.string(), z.unknown()) })
    .parse(model);
  const trained = (head: object, train: object = {}) => {
    const tree = { ...model, bbox_head: { ...parts.bbox_head, ...head }, train_cfg: { ...parts.train_cfg, ...train } };
    return () => buildLosses(buildModel(tree), tree);
  };

  test.each([
    ['an unknown loss', trained({ loss_bbox: { type: 'L2Loss' } }), 'model.bbox_head.loss_bbox.type: expected one of'],
    ['a misspelt key', trained({ loss_bbox: { type: 'L1Loss', weight: 2 } }), 'model.bbox_head.loss_bbox.weight'],
    ['an unknown assigner', trained({}, { assigner: { type: 'SimOTAAssigner' } }), 'model.train_cfg.assigner.type'],
    [
      'thresholds of which mmdet takes no notice',
      trained({}, { assigner: { type: 'MaxIoUAssigner', pos_iou_thr: 0.5, neg_iou_thr: [0.3, 0.5] } }),
      'model.train_cfg.assigner.neg_iou_thr',
    ],
    ['a loss of another target', trained({ loss_bbox: { type: 'FocalLoss' } }), 'expected a loss of numbers'],
  ])('%s', (_, build, message) => expect(build).toThrow(message));

  test.each([
    [
      'a head without losses here',
      { type: 'PISARetinaHead' },
      'a head that is trained here (RetinaHead, ATSSHead, FCOSHead',
    ],
    [
      'ranges of other levels',
      { type: 'FCOSHead', regress_ranges: [[-1, 64]] },
      'expected 5 ranges, one for each of the strides',
    ],
  ])('%s', (_, { type, ...keys }, message) => {
    const { in_channels, num_classes, stacked_convs, feat_channels } = parts.bbox_head;
    const own = type === 'FCOSHead' ? { strides: [8, 16, 32, 64, 128] } : {};
    const head = { type, in_channels, num_classes, stacked_convs, feat_channels, ...own, ...keys };
    const tree = { ...model, bbox_head: head };
    expect(() => buildLosses(buildModel(tree), tree)).toThrow(message);
  });

  test('labels of no class', () => {
    const losses = trained({})();
    if (losses.task !== 'detection') throw new Error('a detector');
    const size = { height, width };
    const truth = { boxes: Float32Array.of(1, 2, 30, 40), labels: Int32Array.of(3), size, padded: size };
    expect(() => losses.targets([truth], SHAPE)).toThrow('picture 0 of the batch: expected labels from 0 to 2');
  });
});
