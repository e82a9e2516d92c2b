/** A step on one device held to that of the processor. */
import { expect } from 'vitest';
import { openTrainingNetwork, type TrainingNetworkOptions } from '../../../training/network/training_network.js';
import { relativeError } from '../../run_network.js';
import { detectionBatch, segmentationBatch, tinyTraining } from './tiny_batches.js';

const BATCHES = { detector: detectionBatch(), segmentor: segmentationBatch() };

/**
 * Losses, every gradient and every running statistic, with batch norms on statistics of the batch. Gradients are held in
 * shares of their own largest value, and of the bias before a batch norm, whose gradient is 0 but for rounding, in shares of
 * the largest of all.
 */
export async function expectSameStep(
  kind: keyof typeof BATCHES,
  place: Pick<TrainingNetworkOptions, 'engine' | 'device'>,
  bound: number,
): Promise<void> {
  const step = async (where: typeof place) => {
    const parts = tinyTraining(kind);
    const usual = BATCHES[kind].input.shape;
    await using network = await openTrainingNetwork({ ...parts, ...where, usual, batchNorm: 'batch' });
    return { ...(await network.step(BATCHES[kind], { seed: 1, iteration: 0 })), weights: parts.weights };
  };
  const reference = await step({ engine: 'onnxruntime', device: 'cpu' });
  const found = await step(place);
  expect(Object.keys(found.losses)).toEqual(Object.keys(reference.losses));
  for (const [name, loss] of Object.entries(reference.losses)) {
    expect(Math.abs((found.losses[name] ?? Number.NaN) - loss) / loss, name).toBeLessThan(bound);
  }
  const largest = (data: Float32Array) => data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const most = Math.max(...Object.values(reference.gradients).map(({ data }) => largest(data)));
  expect(Object.keys(found.gradients)).toEqual(Object.keys(reference.gradients));
  for (const [name, gradient] of Object.entries(reference.gradients)) {
    const share = largest(gradient.data) / most < 1e-6 ? largest(gradient.data) / most : 1;
    expect(relativeError(found.gradients[name], gradient) * share, name).toBeLessThan(bound);
  }
  for (const [name, weight] of Object.entries(reference.weights)) {
    expect(relativeError(found.weights[name], weight), name).toBeLessThan(bound);
  }
}
