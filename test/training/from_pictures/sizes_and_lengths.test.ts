import { describe, expect, test } from 'vitest';
import { detectionSize, fittingScale, segmentationSize } from '../../../training/from_pictures/input_size.js';
import { batchSizeFor, trainingPlan } from '../../../training/from_pictures/training_length.js';

const PICTURE = { width: 1280, height: 960 };
const pictures = [PICTURE, PICTURE, { width: 960, height: 1280 }];
const objects = (side: number, picture = PICTURE) =>
  Array.from({ length: 10 }, () => ({ width: side, height: side, picture }));

describe('the size of the input', () => {
  test('lets small objects be as large as an anchor, within bounds', () => {
    expect(detectionSize(pictures, objects(80))).toEqual({ width: 512, height: 384 });
    expect(detectionSize(pictures, objects(4))).toEqual({ width: 640, height: 480 });
    expect(detectionSize(pictures, objects(900))).toEqual({ width: 320, height: 256 });
  });

  test('is no larger than the pictures, of their shape, in multiples of 32', () => {
    const small = { width: 100, height: 75 };
    expect(detectionSize([small], objects(5, small))).toEqual({ width: 128, height: 96 });
    expect(segmentationSize([{ width: 480, height: 360 }])).toEqual({ width: 480, height: 384 });
    expect(segmentationSize([{ width: 1080, height: 1920 }])).toEqual({ width: 288, height: 512 });
    expect(segmentationSize([{ width: 20, height: 20 }])).toEqual({ width: 32, height: 32 });
  });

  test('is what pictures are fitted into', () => {
    expect(fittingScale({ width: 640, height: 480 }, { width: 416, height: 320 })).toBeCloseTo(0.65);
    expect(fittingScale({ width: 480, height: 640 }, { width: 416, height: 320 })).toBeCloseTo(0.65);
  });
});

describe('the length of training', () => {
  test('grows with the square root of the number of pictures', () => {
    const [few, many] = [trainingPlan(200, 6, undefined), trainingPlan(800, 6, undefined)];
    expect(few).toMatchObject({ epochs: 44, steps: 44 * 34, seconds: undefined, cut: false });
    expect(many.steps / few.steps).toBeCloseTo(2, 1);
  });

  test('has bounds', () => {
    expect(trainingPlan(2, 2, undefined)).toMatchObject({ epochs: 150, steps: 150, validationInterval: 8 });
    expect(trainingPlan(100_000, 6, undefined).epochs).toBe(10);
    expect(trainingPlan(1, 1, undefined).warmUp).toBeGreaterThan(0);
  });

  test('is cut where steps are slow', () => {
    const slow = trainingPlan(200, 6, 10);
    expect(slow).toMatchObject({ epochs: 21, steps: 714, seconds: 7140, cut: true });
    expect(trainingPlan(200, 6, 100)).toMatchObject({ epochs: 10, cut: true });
    expect(trainingPlan(200, 6, 0.1)).toMatchObject({ epochs: 44, cut: false });
  });

  test('goes by batches of few pictures where there are few', () => {
    expect([1, 3, 8, 24, 1000].map(batchSizeFor)).toEqual([1, 2, 4, 6, 6]);
  });
});
