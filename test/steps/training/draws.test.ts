/** Loops over the tables: a step that is added is held to the same. */
import { serialize } from 'node:v8';
import { describe, expect, test } from 'vitest';
import { LowformerError } from '../../../core/errors.js';
import { xoshiro, xoshiroFrom } from '../../../core/xoshiro.js';
import { type Frame, type Sample, startSample } from '../../../images/sample.js';
import type { TaskKind } from '../../../registry/define_task.js';
import { knownKeys } from '../../../registry/schema_keys.js';
import { TRAINING_STEPS } from '../../../steps/training/index.js';
import { parseTrainingPipeline, runTrainingPipeline, type TrainingPipeline } from '../../../steps/training/pipeline.js';
import { isMixed } from '../../../steps/training/random_crop.js';
import { formulaPicture } from '../../images/formula_picture.js';
import { TRAINING_STEP_CONFIGS } from './training_steps.js';

const TASKS = ['detection', 'segmentation', 'classification'] as const satisfies readonly TaskKind[];
const context = { path: 'train_pipeline' };

function sampleOf(index: number, width = 50 + index, height = 40 - index): Sample {
  const image = formulaPicture(width, height, index + 1);
  const labels = image.data.filter((_, i) => i % 3 === 0).map((value) => value % 4);
  const objects = {
    boxes: Float32Array.of(1, 2, 30, 20, 25, 15, width, height, 3, 3, 6, 8),
    labels: Int32Array.of(0, 1, 2),
    ignored: Uint8Array.of(0, 1, 0),
  };
  return startSample('test', image, { objects, labelMap: { width, height, labels } });
}

const pictures = { count: 5, objectsOf: () => 3, load: (index: number) => Promise.resolve(sampleOf(index)) };
const run = (pipeline: TrainingPipeline, task: TaskKind, seed: number): Promise<Frame | undefined> =>
  runTrainingPipeline(pipeline, task, sampleOf(0), { random: xoshiro(seed), pictures });

/** All of a value: comparing thousands of pixels element by element takes a thousand times as long. */
const bytesOf = (value: unknown): string => serialize(value).toString('latin1');
const expectSame = (value: unknown, other: unknown): void => {
  // What differs is shown by the slower way.
  if (bytesOf(value) !== bytesOf(other)) expect(value).toEqual(other);
};

test('every training step has a config here', () => {
  for (const task of TASKS) {
    expect(Object.keys(TRAINING_STEP_CONFIGS[task]).toSorted()).toEqual(TRAINING_STEPS[task].names().toSorted());
  }
});

const entries = TASKS.flatMap((task) =>
  Object.entries(TRAINING_STEP_CONFIGS[task]).flatMap(([type, list]) =>
    list.map((keys) => ({ task, step: { type, ...keys }, title: `${task}: ${type} ${JSON.stringify(keys)}` })),
  ),
);

describe.each(entries)('$title', ({ task, step }) => {
  const pipeline = parseTrainingPipeline([step], task, context);

  test('the same seed gives the same, another something else now and then, and annotations fit the picture', async () => {
    const frames: (Frame | undefined)[] = [];
    for (let seed = 0; seed < 12; seed++) {
      const frame = await run(pipeline, task, seed);
      expectSame(await run(pipeline, task, seed), frame);
      frames.push(frame);
      if (frame === undefined) continue;
      const { pixels, annotations } = frame;
      const { objects, labelMap } = annotations;
      if (labelMap !== undefined) {
        expect([labelMap.width, labelMap.height]).toEqual([pixels.width, pixels.height]);
        expect(labelMap.labels).toHaveLength(pixels.width * pixels.height);
      }
      if (objects === undefined) continue;
      expect(objects.boxes).toHaveLength(4 * objects.labels.length);
      expect(objects.ignored).toHaveLength(objects.labels.length);
      for (let i = 0; i < objects.boxes.length; i += 4) {
        const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = objects.boxes.subarray(i, i + 4);
        expect(x1 < pixels.width && x2 > 0 && y1 < pixels.height && y2 > 0).toBe(true);
      }
    }
    const isRandom = step.type !== 'LoadAnnotations' && !('crop_type' in step && step.crop_type === 'relative');
    if (isRandom) expect(new Set(frames.map(bytesOf)).size).toBeGreaterThan(1);
  });

  test('a choice is plain data, and the deed follows from it alone', () => {
    const definition = TRAINING_STEPS[task].get(step.type, 'test');
    const [config] = pipeline;
    const others = [1, 2, 3].map((index) => sampleOf(index));
    for (let seed = 0; seed < 4; seed++) {
      const random = xoshiro(seed);
      const state = random.state();
      const choice = definition.draw(random, sampleOf(0), config ?? {});
      expect(definition.draw(xoshiroFrom(state), sampleOf(0), config ?? {})).toEqual(choice);
      const result = definition.apply(sampleOf(0), choice, config ?? {}, others);
      expectSame(definition.apply(sampleOf(0), structuredClone(choice), config ?? {}, others), result);
    }
  });

  test('misspelt keys are refused, and the right ones named', () => {
    const known = knownKeys(TRAINING_STEPS[task].get(step.type, 'test').schema, [], step);
    for (const key of known) {
      const path = `train_pipeline.0.${key}z`;
      const parse = () => parseTrainingPipeline([{ ...step, [`${key}z`]: 1 }], task, context);
      expect(parse).toThrow(LowformerError);
      expect(parse).toThrow(path);
      expect(parse).toThrow(`Did you mean '${key}'?`);
    }
  });
});

describe('a whole pipeline', () => {
  const steps = [
    { type: 'LoadImageFromFile' },
    { type: 'LoadAnnotations' },
    { type: 'Mosaic', img_scale: [40, 32] },
    { type: 'RandomCrop', crop_size: [48, 40], allow_negative_crop: true },
    { type: 'RandomResize', scale: [60, 50], ratio_range: [0.5, 1.5], keep_ratio: true },
    { type: 'Pad', size_divisor: 16 },
    { type: 'RandomFlip', prob: 0.5 },
    { type: 'MixUp', img_scale: [40, 32] },
    { type: 'PhotoMetricDistortion' },
    { type: 'PackDetInputs' },
  ];

  test('crops, pads and flips in any order, where inference could not go back', async () => {
    const pipeline = parseTrainingPipeline(steps, 'detection', context);
    expect(structuredClone(pipeline)).toEqual(pipeline);
    for (let seed = 0; seed < 8; seed++) {
      const frame = await run(pipeline, 'detection', seed);
      expect(frame?.pixels.width).toBeGreaterThan(0);
      expect((frame?.pixels.width ?? 1) % 16).toBe(0);
    }
  });

  test('a type of another task, and a misspelt one', () => {
    const parse = (type: string, task: TaskKind) => () => parseTrainingPipeline([{ type }], task, context);
    expect(parse('Mosaic', 'segmentation')).toThrow('It is a step for detection.');
    expect(parse('RandmFlip', 'detection')).toThrow("Did you mean 'RandomFlip'?");
  });

  test('mistakes of steps that inference has too name this pipeline', async () => {
    const wrong = parseTrainingPipeline(
      [
        { type: 'Normalize', mean: [1], std: [1] },
        { type: 'Resize', scale: [8, 8] },
      ],
      'detection',
      context,
    );
    await expect(run(wrong, 'detection', 1)).rejects.toThrow(
      'train_pipeline: Resize: expected a place before Normalize',
    );
  });
});

test('RandomFlip takes each direction as often as its share says', () => {
  const definition = TRAINING_STEPS.detection.get('RandomFlip', 'test');
  const count = (prob: unknown, direction: unknown) => {
    const random = xoshiro(3);
    const sample = sampleOf(0);
    const counts = new Map<unknown, number>();
    for (let i = 0; i < 4000; i++) {
      const choice = definition.draw(random, sample, { prob, direction });
      counts.set(choice, (counts.get(choice) ?? 0) + 1);
    }
    return (choice: unknown) => (counts.get(choice) ?? 0) / 4000;
  };
  const listed = count([0.2, 0.5], ['vertical', 'horizontal']);
  expect(listed('vertical')).toBeCloseTo(0.2, 1);
  expect(listed('horizontal')).toBeCloseTo(0.5, 1);
  const shared = count(0.6, ['vertical', 'horizontal', 'diagonal']);
  for (const direction of ['vertical', 'horizontal', 'diagonal']) expect(shared(direction)).toBeCloseTo(0.2, 1);
  expect(shared(undefined)).toBeCloseTo(0.4, 1);
});

test('cat_max_ratio: a part in which one class has too much is drawn again', () => {
  const [width, height] = [64, 16];
  // One class but for the last columns; 255 does not count.
  const labels = new Uint8Array(width * height).map((_, i) => (i % width < 40 ? 1 : i % width < 48 ? 255 : i % 4));
  const sample = startSample('test', formulaPicture(width, height, 1), { labelMap: { width, height, labels } });
  const definition = TRAINING_STEPS.segmentation.get('RandomCrop', 'test');
  const random = xoshiro(9);
  let good = 0;
  for (let i = 0; i < 200; i++) {
    const choice = definition.draw(random, sample, { crop_size: [16, 16], cat_max_ratio: 0.75, ignore_index: 255 });
    const region = { left: 0, top: 0, width: 0, height: 0, ...Object(choice) };
    if (isMixed(sample, region, 0.75, 255)) good++;
  }
  expect(good).toBeGreaterThan(170);
  expect(isMixed(sample, { left: 30, top: 0, width: 16, height: 16 }, 0.75, 255)).toBe(false);
  expect(isMixed(sample, { left: 44, top: 0, width: 16, height: 16 }, 0.75, 255)).toBe(true);
});
