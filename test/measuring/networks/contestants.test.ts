import { expect, test } from 'vitest';
import { noisyBatch, resizedPipeline } from '../../../measuring/networks/contestants.js';
import { testPipelineSchema } from '../../../steps/pipeline.js';
import { classifier, detector } from '../../tools/tiny_models.js';

const size = { height: 48, width: 80 };

test('a pipeline leads to one size, by its own rules of resizing', () => {
  const types = (pipeline: unknown) => resizedPipeline(testPipelineSchema().parse(pipeline), size);
  expect(types(classifier.test_pipeline)).toMatchObject([
    { type: 'LoadImageFromFile' },
    { type: 'Resize', scale: [80, 48], keep_ratio: false, backend: 'pillow', interpolation: 'bicubic' },
    { type: 'PackInputs' },
  ]);
  expect(types(detector.test_pipeline)).toMatchObject([
    { type: 'LoadImageFromFile' },
    { type: 'Resize', scale: [80, 48], keep_ratio: false, backend: 'cv2', interpolation: 'bilinear' },
    { type: 'PackDetInputs' },
  ]);
  // One step normalises and resizes: it stays, with that size.
  const whole = [
    { type: 'GeneralizedRCNNTransform', image_mean: [0.5, 0.5, 0.5] },
    { type: 'Pad', size_divisor: 32 },
  ];
  expect(types(whole)).toMatchObject([
    { type: 'GeneralizedRCNNTransform', fixed_size: [80, 48], image_mean: [0.5, 0.5, 0.5] },
  ]);
});

test('noise is the same every time', () => {
  const { shape, data } = noisyBatch(3, size, 2);
  expect(shape).toEqual([2, 3, 48, 80]);
  expect(data).toEqual(noisyBatch(3, size, 2).data);
  expect(Math.max(...data.map(Math.abs))).toBeLessThanOrEqual(2);
});
