/** What a step of training gives, and what it leaves as it was. */
import { describe, expect, test } from 'vitest';
import { openTrainingNetwork, type TrainingNetworkOptions } from '../../../training/network/training_network.js';
import { detectionBatch, segmentationBatch, tinyTraining } from './tiny_batches.js';

const DRAW = { seed: 1, iteration: 0 };

/** For the shape of the batches below, which is quicker. */
const USUAL = [2, 3, 32, 64];

function open(kind: 'detector' | 'segmentor', options: Partial<TrainingNetworkOptions> = {}) {
  const processor = { engine: 'onnxruntime', device: 'cpu', threads: 1 } as const;
  return openTrainingNetwork({ ...tinyTraining(kind), ...processor, usual: USUAL, ...options });
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

  test('batches of other sizes; those of another task, and labels of no class, are refused', async () => {
    await using network = await open('detector', { batchNorm: 'frozen', usual: undefined });
    const found = [];
    for (const [height, width] of [
      [32, 64],
      [64, 64],
      [32, 96],
    ]) {
      const { loss } = await network.step(detectionBatch(height, width), DRAW);
      expect(loss).toBeGreaterThan(0);
      found.push(loss);
    }
    // The same, whether its shape was foretold or not.
    await using foretold = await open('detector', { batchNorm: 'frozen' });
    for (const [i, height] of [32, 64].entries()) {
      const { loss } = await foretold.step(detectionBatch(height), DRAW);
      expect(loss / (found[i] ?? Number.NaN), `${height}x64`).toBeCloseTo(1, 6);
    }
    await expect(network.step(segmentationBatch(), DRAW)).rejects.toThrow('batch: expected objects of 2 pictures');
    const batch = detectionBatch();
    const objects = batch.objects?.map((one) => ({ ...one, labels: one.labels.map(() => 3) })) ?? [];
    const said = 'picture 0 of the batch: expected labels from 0 to 2';
    await expect(network.step({ ...batch, objects }, DRAW)).rejects.toThrow(said);
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
  }, 180_000);

  test('what is frozen has no gradient and no moving statistics', async () => {
    const backbone = (name: string) => name.startsWith('backbone.');
    await using network = await open('detector', tinyTraining('detector', { backbone: { frozen_stages: 4 } }));
    const { gradients } = await network.step(detectionBatch(), DRAW);
    expect(network.parameters.map(({ name }) => name)).toEqual(Object.keys(gradients));
    expect(network.parameters.filter(({ name }) => backbone(name))).toEqual([]);
    expect(network.parameters.length).toBeGreaterThan(10);
    expect(network.weights).toEqual(tinyTraining('detector').weights);
  });

  test('float16 is refused', async () => {
    await expect(open('detector', { precision: 'float16' })).rejects.toThrow(
      /^precision: expected float32, in which everything is trained but received 'float16'/,
    );
  });

  test('weights that are missing are named', async () => {
    const { 'bbox_head.retina_cls.bias': _, ...weights } = tinyTraining('detector').weights;
    await expect(open('detector', { weights })).rejects.toThrow(
      'bbox_head.retina_cls.bias: expected a weight of shape [27] but received',
    );
  });
});

describe('a segmentor', () => {
  test('losses, and what is logged beside them', async () => {
    await using network = await open('segmentor');
    const { losses, logged, loss } = await network.step(segmentationBatch(), DRAW);
    expect(losses).toEqual({ 'decode.loss_ce': loss });
    expect(logged['decode.acc_seg']).toBeGreaterThan(0);
  });

  const dropping = tinyTraining('segmentor', { head: { dropout_ratio: 0.5 }, backbone: { drop_path_rate: 0.5 } });
  test('what is left out follows from seed and iteration', async () => {
    await using network = await open('segmentor', { ...dropping, batchNorm: 'frozen' });
    const loss = async (seed: number, iteration: number) =>
      (await network.step(segmentationBatch(), { seed, iteration })).loss;
    const first = await loss(1, 0);
    expect(await loss(1, 0)).toBe(first);
    expect(await loss(1, 1)).not.toBe(first);
    expect(await loss(2, 0)).not.toBe(first);
    await using whole = await open('segmentor', { ...dropping, batchNorm: 'frozen', drops: false });
    expect((await whole.step(segmentationBatch(), { seed: 1, iteration: 0 })).loss).not.toBe(first);
  });
});
