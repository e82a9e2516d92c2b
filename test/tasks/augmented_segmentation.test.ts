/** Looks at a picture, averaged: held to what mmseg's `SegTTAModel` makes of its own logits. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { FlipDirection, FrameTransform } from '../../core/frame.js';
import { type Tensor, tensor } from '../../core/tensor.js';
import { enlargeLogits } from '../../decoding/segmentation.js';
import { createSegmentationDecoder } from '../../decoding/segmentation_decoder.js';
import { optimise } from '../../graph/passes/index.js';
import { toBatch } from '../../images/batch.js';
import { flipsAcross, flipsDown } from '../../images/flip_sample.js';
import { prepareFrame, type TestPipeline } from '../../steps/pipeline.js';
import { parseViews } from '../../steps/views.js';
import { averagedLabels } from '../../tasks/augmented_predictor.js';
import { buildModel } from '../../tasks/build_model.js';
import { bandsOf } from '../../tasks/sliding_labels.js';
import { formulaPicture } from '../images/formula_picture.js';
import { seededRandom } from '../random.js';
import { readReference } from '../reference.js';
import { formulaNetwork, onnxBytes, runOnnx } from '../run_network.js';
import { segmentor } from '../tools/tiny_models.js';

/** [1, C, H, W] mirrored. */
function mirrored({ shape, data }: Tensor, flip: FlipDirection | undefined): Tensor {
  const [, channels = 0, height = 0, width = 0] = shape;
  const result = new Float32Array(data.length);
  for (let c = 0, at = 0; c < channels; c++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++, at++) {
        const row = c * height + (flipsDown(flip) ? height - 1 - y : y);
        result[at] = data[row * width + (flipsAcross(flip) ? width - 1 - x : x)] ?? 0;
      }
    }
  }
  return tensor(shape, result);
}

const FLIPS = { none: undefined, horizontal: 'horizontal', vertical: 'vertical', diagonal: 'diagonal' } as const;

const caseSchema = z.object({
  model: z.looseObject({ type: z.literal('EncoderDecoder') }),
  scales: z.array(z.number()),
  flips: z.array(z.enum(['none', 'horizontal', 'vertical', 'diagonal'])),
});

describe('mmseg 1.2.2, three scales and a flip', () => {
  const reference = readReference('openmmlab/tta_segmentation');
  const { model: config, scales, flips } = caseSchema.parse(reference.description);
  const model = buildModel(config);
  if (model.task !== 'segmentation') throw new Error(model.task);
  const bytes = onnxBytes(optimise(formulaNetwork(model.graph)));
  const input = reference.input('input');
  const [, , height = 0, width = 0] = input.shape;
  const original = { width, height };

  test.each([1, 2 ** 20])('labels, made in bands of %i rows of logits', async (most) => {
    const looks = model.averageLooks({ start: 0, end: height }, width);
    for (const scale of scales) {
      const resized = { width: Math.trunc(width * scale + 0.5), height: Math.trunc(height * scale + 0.5) };
      const scaled = await enlargeLogits(input, 0, resized, { alignCorners: false });
      for (const name of flips) {
        const flip = FLIPS[name];
        const outputs = await runOnnx(bytes, { input: mirrored(scaled, flip) });
        const frame: FrameTransform = {
          original,
          resized,
          padded: resized,
          scaleX: scale,
          scaleY: scale,
          left: 0,
          top: 0,
          ...(flip === undefined ? {} : { flip }),
        };
        const bands = bandsOf(model, frame, { start: 0, end: height }, most);
        await looks.add((rows) => model.logits(outputs, 0, resized, undefined, rows), frame, bands);
      }
    }
    const { labels } = looks.labels();
    const expected = reference.labels('labels');
    expect(labels).toHaveLength(expected.length);
    const differing = expected.reduce((count, label, i) => count + (label === labels[i] ? 0 : 1), 0);
    console.info(`tta_segmentation: ${differing} of ${expected.length} labels differ`);
    expect(differing).toBe(0);
  });
});

/** A look at a picture of which the logits are given. */
interface Look {
  readonly logits: Tensor;
  readonly frame: FrameTransform;
}

describe('looks in general', () => {
  const random = seededRandom(77);
  const between = (low: number, high: number) => low + Math.floor(random() * (high - low + 1));
  const decoderOf = (alignCorners: boolean) =>
    createSegmentationDecoder({ head: 'TestHead', output: 'logits', alignCorners, threshold: 0.3 });

  const look = (original: { width: number; height: number }, classes: number, flip?: FlipDirection): Look => {
    const padded = { width: between(4, 60), height: between(4, 60) };
    const [left, top] = [between(0, padded.width >> 2), between(0, padded.height >> 2)];
    const resized = { width: between(1, padded.width - left), height: between(1, padded.height - top) };
    const data = Float32Array.from({ length: classes * padded.width * padded.height }, () => 18 * random() - 9);
    return {
      logits: tensor([1, classes, padded.height, padded.width], data),
      frame: { original, resized, padded, scaleX: 1, scaleY: 1, left, top, ...(flip === undefined ? {} : { flip }) },
    };
  };

  /** Rows of a tensor; asked from the top down. */
  const rowsOf = ({ shape, data }: Tensor) => {
    const [, classes = 0, height = 0, width = 0] = shape;
    let last = 0;
    return async ({ start, end }: { start: number; end: number }) => {
      expect(start).toBeGreaterThanOrEqual(last);
      last = start;
      const parts = Array.from({ length: classes }, (_, c) => [
        ...data.subarray((c * height + start) * width, (c * height + end) * width),
      ]).flat();
      return tensor([1, classes, end - start, width], new Float32Array(parts));
    };
  };

  test('one look gives the labels of the picture itself', async () => {
    for (let round = 0; round < 40; round++) {
      const decoder = decoderOf(round % 2 === 0);
      const original = { width: between(1, 60), height: between(1, 60) };
      const { logits, frame } = look(original, [1, 3, 300][round % 3] ?? 1);
      const all = { start: 0, end: original.height };
      const looks = decoder.averageLooks(all, original.width);
      await looks.add(rowsOf(logits), frame, bandsOf(decoder, frame, all, between(1, 40)));
      expect(looks.labels()).toEqual(await decoder.labels(logits, frame));
    }
  });

  test('a mirrored look gives the labels of the picture that was mirrored, in any bands', async () => {
    for (let round = 0; round < 40; round++) {
      const decoder = decoderOf(round % 2 === 0);
      const original = { width: between(1, 60), height: between(1, 60) };
      const flip = (['horizontal', 'vertical', 'diagonal'] as const)[round % 3] ?? 'vertical';
      const { logits, frame } = look(original, 4);
      const { left, top, resized, padded } = frame;
      const all = { start: 0, end: original.height };
      // Mirrored in the middle of the picture: what is padded changes sides.
      const other = {
        ...frame,
        flip,
        left: flipsAcross(flip) ? padded.width - left - resized.width : left,
        top: flipsDown(flip) ? padded.height - top - resized.height : top,
      };
      const looks = decoder.averageLooks(all, original.width);
      await looks.add(rowsOf(mirrored(logits, flip)), other, bandsOf(decoder, other, all, between(1, 40)));
      expect(looks.labels()).toEqual(await decoder.labels(logits, frame));
    }
  });

  test('a picture of too many sums is looked at part by part, with the same labels', async () => {
    const model = buildModel(segmentor.model);
    if (model.task !== 'segmentation') throw new Error(model.task);
    const picture = formulaPicture(37, 29, 4);
    const transforms = [
      [0.5, 1, 1.5].map((scale_factor) => ({ type: 'Resize', scale_factor })),
      [undefined, 'vertical', 'diagonal'].map((direction) =>
        direction === undefined ? { type: 'RandomFlip', prob: 0 } : { type: 'RandomFlip', prob: 1, direction },
      ),
    ];
    const views = parseViews([{ type: 'TestTimeAug', transforms }], 'segmentation', { path: 'tta_pipeline' });
    let runs = 0;
    const run = async ({ shape: [, , h = 0, w = 0], data }: Tensor) => {
      runs++;
      const [low, wide] = [Math.ceil(h / 4), Math.ceil(w / 4)];
      const scores = Float32Array.from({ length: 4 * low * wide }, (_, i) => Math.sin(i) + (data[i] ?? 0));
      return { logits: tensor([1, 4, low, wide], scores) };
    };
    const view = (pipeline: TestPipeline) =>
      toBatch([prepareFrame(picture, pipeline)], model.preprocessor, model.sizeDivisor);
    const parts = { views, view, run, options: {} };
    const whole = await averagedLabels(model, picture, parts);
    expect(runs).toBe(9);
    expect(new Set(whole.labels).size).toBeGreaterThan(2);
    // Three rows of four classes at a time.
    expect(await averagedLabels(model, picture, parts, 3 * 4 * 37)).toEqual(whole);
    expect(runs).toBe(9 + 9 * Math.ceil(29 / 3));
    expect(await averagedLabels(model, picture, parts, 1)).toEqual(whole);
  });

  test('bands cover all rows once, and go as the logits do', () => {
    const decoder = decoderOf(false);
    for (const flip of [undefined, 'horizontal', 'vertical', 'diagonal'] as const) {
      const { frame } = look({ width: 5, height: 90 }, 1, flip);
      const bands = [...bandsOf(decoder, frame, { start: 7, end: 80 }, 6)];
      const ascending = flipsDown(flip) ? bands.toReversed() : bands;
      expect(ascending[0]?.start).toBe(7);
      expect(ascending.at(-1)?.end).toBe(80);
      for (const [i, { start }] of ascending.entries()) if (i > 0) expect(start).toBe(ascending[i - 1]?.end);
    }
  });

  test('a mirrored picture is not decoded by itself', async () => {
    const { logits, frame } = look({ width: 5, height: 9 }, 3, 'vertical');
    await expect(decoderOf(false).labels(logits, frame)).rejects.toThrow(
      "decodeLabels: expected a picture as it was: looks at mirrored ones are averaged (averageLooks) but received 'vertical'",
    );
  });

  test('NaN is refused', async () => {
    const decoder = decoderOf(false);
    const { logits, frame } = look({ width: 5, height: 9 }, 3);
    logits.data.fill(Number.NaN);
    const all = { start: 0, end: 9 };
    await expect(decoder.averageLooks(all, 5).add(rowsOf(logits), frame, [all])).rejects.toThrow('class scores');
  });
});
