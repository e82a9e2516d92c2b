/** What a step of training gives, and what it leaves as it was. */
import { describe, expect, test } from 'vitest';
import type { MaskSite } from '../../../graph/gradients/masks.js';
import { openTrainingNetwork, type TrainingNetworkOptions } from '../../../training/network/training_network.js';
import { detectionBatch, segmentationBatch, tinyTraining } from './tiny_batches.js';

const DRAW = { seed: 1, iteration: 0 };

function open(kind: 'detector' | 'segmentor', options: Partial<TrainingNetworkOptions> = {}) {
  return openTrainingNetwork({ ...tinyTraining(kind), engine: 'onnxruntime', device: 'cpu', threads: 1, ...options });
}

describe('a detector', () => {
  test('gradients say how the loss falls', async () => {
    await using network = await open('detector', { batchNorm: 'frozen' });
    const before = await network.step(detectionBatch(), DRAW);
    expect(Object.keys(before.losses)).toEqual(['loss_cls', 'loss_bbox']);
    expect(before.loss).toBeCloseTo(Object.values(before.losses).reduce((sum, loss) => sum + loss));
    const squares = network.parameters.reduce((sum, { name, data }) => {
      const slopes = before.gradients[name]?.data ?? [];
      return data.reduce((total, _, i) => total + (slopes[i] ?? Number.NaN) ** 2, sum);
    }, 0);
    const length = 0.01 / squares;
    for (const { name, data } of network.parameters) {
      before.gradients[name]?.data.forEach((slope, i) => {
        data[i] = (data[i] ?? 0) - length * slope;
      });
    }
    const after = await network.step(detectionBatch(), DRAW);
    expect((before.loss - after.loss) / 0.01).toBeCloseTo(1, 1);
  });

  test('batches of other sizes', async () => {
    await using network = await open('detector');
    for (const [height, width] of [
      [32, 64],
      [64, 64],
      [32, 96],
    ]) {
      const { loss } = await network.step(detectionBatch(height, width), DRAW);
      expect(loss).toBeGreaterThan(0);
    }
  });

  test('statistics of the batch move running ones in place, and frozen ones stand', async () => {
    const { weights: fresh } = tinyTraining('detector');
    const name = 'backbone.input_stem.op_list.0.norm';
    await using network = await open('detector');
    await network.step(detectionBatch(), DRAW);
    await network.step(detectionBatch(), DRAW);
    expect(network.weights[`${name}.running_mean`]?.data).not.toEqual(fresh[`${name}.running_mean`]?.data);
    expect(network.weights[`${name}.running_var`]?.data).not.toEqual(fresh[`${name}.running_var`]?.data);
    expect(Array.from(network.weights[`${name}.num_batches_tracked`]?.data ?? [])).toEqual([2]);
    expect(network.weights[`${name}.weight`]).toEqual(fresh[`${name}.weight`]);

    await using frozen = await open('detector', { batchNorm: 'frozen' });
    await frozen.step(detectionBatch(), DRAW);
    expect(frozen.weights).toEqual(fresh);
  });

  test('what is frozen has no gradient and no moving statistics', async () => {
    const backbone = (name: string) => name.startsWith('backbone.');
    await using network = await open('detector', { frozen: { parameters: backbone, statistics: backbone } });
    const { gradients } = await network.step(detectionBatch(), DRAW);
    expect(network.parameters.map(({ name }) => name)).toEqual(Object.keys(gradients));
    expect(network.parameters.filter(({ name }) => backbone(name))).toEqual([]);
    expect(network.parameters.length).toBeGreaterThan(10);
    expect(network.weights).toEqual(tinyTraining('detector').weights);
  });

  test.each([
    ['a batch of another task', segmentationBatch(), 'batch: expected objects of 2 pictures'],
    [
      'a label of no class',
      {
        ...detectionBatch(),
        objects: detectionBatch().objects?.map((one) => ({ ...one, labels: one.labels.map(() => 3) })) ?? [],
      },
      'picture 0 of the batch: expected labels from 0 to 2',
    ],
  ])('%s is refused', async (_, batch, message) => {
    await using network = await open('detector');
    await expect(network.step(batch, DRAW)).rejects.toThrow(message);
  });

  test('weights that are missing are named', async () => {
    const { 'bbox_head.retina_cls.bias': _, ...weights } = tinyTraining('detector').weights;
    await expect(open('detector', { weights })).rejects.toThrow(
      'bbox_head.retina_cls.bias: expected a weight of shape [27] but received',
    );
  });
});

describe('a segmentor', () => {
  const masks: readonly MaskSite[] = [
    { module: 'decode_head.conv_seg', at: 'input', of: 'channel', rate: 0.5 },
    { module: 'backbone.stages.0', at: 'output', of: 'picture', rate: 0.5 },
  ];

  test('losses, and what is logged beside them', async () => {
    await using network = await open('segmentor');
    const { losses, logged, loss } = await network.step(segmentationBatch(), DRAW);
    expect(losses).toEqual({ 'decode.loss_ce': loss });
    expect(logged['decode.acc_seg']).toBeGreaterThan(0);
  });

  test('what is left out follows from seed and iteration', async () => {
    await using network = await open('segmentor', { masks, batchNorm: 'frozen' });
    const loss = async (seed: number, iteration: number) =>
      (await network.step(segmentationBatch(), { seed, iteration })).loss;
    const first = await loss(1, 0);
    expect(await loss(1, 0)).toBe(first);
    expect(await loss(1, 1)).not.toBe(first);
    expect(await loss(2, 0)).not.toBe(first);
  });
});
