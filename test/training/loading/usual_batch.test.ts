/** The shape that batches of a run have is foretold where the config says it, and nowhere else. */
import { expect, test } from 'vitest';
import { segPreprocessorSchema } from '../../../images/batch.js';
import { parseTrainingPipeline } from '../../../steps/training/pipeline.js';
import { usualBatch } from '../../../training/loading/usual_batch.js';
import { detectionPreprocessor } from './small_set.js';

const plan = { shuffle: true, seed: 5, batchSize: 4, dropLast: false, byAspectRatio: false } as const;
const whole = { sizeDivisor: 1, plan: { ...plan, sampler: 'DefaultSampler' }, places: new Int32Array(9) } as const;
const pack = [{ type: 'RandomFlip', prob: 0.5 }, { type: 'PackDetInputs' }];

function ofDetector(steps: readonly object[], places = whole.places) {
  const pipeline = parseTrainingPipeline([...steps, ...pack], 'detection', { path: 'train_pipeline' });
  return usualBatch({ ...whole, pipeline, places, preprocessor: detectionPreprocessor });
}

test.each([
  ['Pad', { type: 'Pad', size: [60, 40] }, [4, 3, 48, 64]],
  ['RandomCrop', { type: 'RandomCrop', crop_size: [64, 48] }, [4, 3, 48, 64]],
  ['a share', { type: 'RandomCrop', crop_size: [0.5, 0.5], crop_type: 'relative' }, undefined],
  ['Resize to one size', { type: 'Resize', scale: [64, 48], keep_ratio: false }, [4, 3, 48, 64]],
  ['Resize by the ratio', { type: 'Resize', scale: [64, 48], keep_ratio: true }, undefined],
  ['multiples', { type: 'Pad', size_divisor: 32 }, undefined],
])('%s as the last step that sets a size', (_, step, shape) => {
  expect(ofDetector([{ type: 'Resize', scale: [32, 32], keep_ratio: false }, step])).toEqual(shape);
});

test('what follows decides', () => {
  expect(ofDetector([{ type: 'Pad', size: [64, 64] }, { type: 'Expand' }])).toBeUndefined();
});

test('fewer pictures than a batch has come again where the sampler has no end', () => {
  const steps = [{ type: 'Pad', size: [64, 64] }];
  expect(ofDetector(steps, new Int32Array(3))).toEqual([3, 3, 64, 64]);
  const preprocessor = segPreprocessorSchema.parse({ size: [32, 48] });
  const endless = { ...whole, plan: { ...plan, sampler: 'InfiniteSampler' }, places: new Int32Array(3) } as const;
  expect(usualBatch({ ...endless, pipeline: [], preprocessor })).toEqual([4, 3, 32, 48]);
});
