/** What a step does is held to mmdet 3.3's, mmseg 1.2's and mmcv 2.1's own with the same choice: to the bit. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Sample, startSample } from '../../../images/sample.js';
import { TRAINING_STEPS } from '../../../steps/training/index.js';
import { parseTrainingPipeline } from '../../../steps/training/pipeline.js';
import { formulaPicture, imageFixture, sha256 } from '../../images/formula_picture.js';

const picture = z.tuple([z.number(), z.number(), z.number()]);
const { shares, cases } = imageFixture(
  'training_steps.json',
  z.object({
    /** Of width and height; some reach over the border. */
    shares: z.array(z.tuple([z.number(), z.number(), z.number(), z.number()])),
    cases: z.array(
      z.object({
        task: z.enum(['detection', 'segmentation']),
        step: z.looseObject({ type: z.string() }),
        picture,
        choice: z.unknown(),
        others: z.array(picture),
        objects: z.int(),
        seg: z.boolean(),
        expected: z
          .object({
            size: z.tuple([z.int(), z.int()]),
            /** Of RGB bytes, or of float32 in BGR. */
            pixels: z.string(),
            boxes: z.array(z.number()).optional(),
            labels: z.array(z.int()).optional(),
            ignored: z.array(z.int()).optional(),
            labelMap: z.string().optional(),
          })
          .nullable(),
      }),
    ),
  }),
);

function sampleOf([width, height, seed]: z.output<typeof picture>, count: number, withLabels: boolean): Sample {
  const image = formulaPicture(width, height, seed);
  const boxes = shares.slice(0, count).flatMap(([a, b, c, d]) => [a * width, b * height, c * width, d * height]);
  const indices = Array.from({ length: count }, (_, i) => i);
  const objects = {
    boxes: Float32Array.from(boxes),
    labels: Int32Array.from(indices, (i) => i % 3),
    ignored: Uint8Array.from(indices, (i) => i % 2),
  };
  // The red channel's upper bits serve as labels.
  const labels = image.data.filter((_, i) => i % 3 === 0).map((value) => value >> 6);
  return startSample('test', image, { objects, ...(withLabels ? { labelMap: { width, height, labels } } : {}) });
}

const titled = cases.map((entry) => ({
  ...entry,
  title: `${entry.task} ${JSON.stringify(entry.step)} ${JSON.stringify(entry.choice)}`,
}));

describe.each(titled)(
  '$title of $picture',
  ({ task, step, picture: given, choice, others, objects, seg, expected }) => {
    test('to the bit', () => {
      const [config] = parseTrainingPipeline([step], task, { path: 'train_pipeline' });
      const definition = TRAINING_STEPS[task].get(step.type, 'test');
      const sample = sampleOf(given, objects, seg);
      const mixIns = others.map((other) => sampleOf(other, shares.length, false));
      const before = structuredClone({ sample, mixIns });
      const result = definition.apply(sample, choice ?? undefined, config ?? {}, mixIns);
      expect({ sample, mixIns }).toEqual(before);
      if (result === undefined || expected === null) return expect(result ?? null).toBe(expected);
      const { width, height, data } = result.pixels;
      expect([width, height]).toEqual(expected.size);
      const { objects: left, labelMap } = result.annotations;
      if (expected.boxes !== undefined) {
        expect([...(left?.boxes ?? [])]).toEqual(expected.boxes);
        expect([...(left?.labels ?? [])]).toEqual(expected.labels);
        expect([...(left?.ignored ?? [])]).toEqual(expected.ignored);
      }
      expect(labelMap === undefined ? undefined : sha256(Uint8Array.from(labelMap.labels))).toBe(expected.labelMap);
      expect(sha256(data)).toBe(expected.pixels);
    });
  },
);
