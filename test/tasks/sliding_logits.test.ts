/** Windows that slide over pictures, held to mmseg's `slide_inference` and the labels that it makes of it. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { FrameTransform } from '../../core/frame.js';
import { type Tensor, type Tensors, tensor } from '../../core/tensor.js';
import { optimise } from '../../graph/passes/index.js';
import { buildModel } from '../../tasks/build_model.js';
import { labelsOfRows } from '../../tasks/sliding_labels.js';
import { slidingPicture } from '../../tasks/sliding_logits.js';
import { readReference } from '../reference.js';
import { formulaNetwork, onnxBytes, runOnnx } from '../run_network.js';

const caseSchema = z.object({
  model: z.looseObject({ type: z.literal('EncoderDecoder') }),
  original: z.tuple([z.number(), z.number()]),
});

/** A picture of the batch, by itself. */
function pictureOf({ shape: [, ...rest], data }: Tensor, index: number): Tensor {
  const length = rest.reduce((product, side) => product * side, 1);
  return tensor([1, ...rest], data.slice(index * length, (index + 1) * length));
}

describe.each(['slide', 'slide_odd', 'slide_no_overlap', 'slide_small_picture'])('case %s', (name) => {
  const reference = readReference(`openmmlab/${name}`);
  const { model: config, original } = caseSchema.parse(reference.description);
  const model = buildModel(config);
  if (model.task !== 'segmentation' || model.windows === undefined) throw new Error(model.task);
  const { windows, sizeDivisor } = model;
  const bytes = onnxBytes(optimise(formulaNetwork(model.graph)));
  const input = reference.input('input');
  const [pictures = 0, , height = 0, width = 0] = input.shape;
  const known = new Map<string, Tensors>();
  let seen = 0;
  const run = async (cut: Tensor) => {
    seen += cut.shape[0] ?? 0;
    const key = `${cut.shape.join()} ${cut.data.slice(0, 64).join()}`;
    const outputs = known.get(key) ?? (await runOnnx(bytes, { input: cut }));
    known.set(key, outputs);
    return outputs;
  };
  const slide = (index: number) =>
    slidingPicture(pictureOf(input, index), { decoder: model, windows, run, sizeDivisor }, 0);
  const frame = (original: { readonly width: number; readonly height: number }): FrameTransform => ({
    original,
    resized: { width, height },
    padded: { width, height },
    scaleX: width / original.width,
    scaleY: height / original.height,
    left: 0,
    top: 0,
  });

  test('logits', async () => {
    const shape = [pictures, model.numClasses, height, width];
    const joined = tensor(shape, new Float32Array(pictures * model.numClasses * height * width));
    for (let i = 0; i < pictures; i++) {
      const { data } = await slide(i).logits({ start: 0, end: height });
      joined.data.set(data, i * data.length);
    }
    const error = reference.error('logits', joined);
    console.info(`${name}: largest difference of logits ${error.toExponential(1)}`);
    expect(error).toBeLessThan(1e-5);
  });

  test.each([
    ['labels', { width, height }],
    ['labels_original', { width: original[1], height: original[0] }],
  ])('%s', async (key, size) => {
    const expected = reference.labels(key);
    const pixels = size.width * size.height;
    expect(expected).toHaveLength(pictures * pixels);
    let differing = 0;
    for (let i = 0; i < pictures; i++) {
      const { labels } = await labelsOfRows(slide(i), frame(size), model, { classes: model.numClasses });
      const own = expected.subarray(i * pixels, (i + 1) * pixels);
      differing += own.reduce((count, label, at) => count + (label === labels[at] ? 0 : 1), 0);
    }
    console.info(`${name}: ${differing} of ${expected.length} ${key} differ`);
    expect(differing / expected.length).toBeLessThanOrEqual(1e-4);
  });

  test('row by row: the same logits to the bit, each window once through the network', async () => {
    const whole = await slide(0).logits({ start: 0, end: height });
    const [, classes = 0] = whole.shape;
    seen = 0;
    const bySlice = slide(0).logits;
    for (let start = 0; start < height; start += 7) {
      // As labels ask for them: a row that two of them lie between is asked for twice.
      const rows = { start: Math.max(start - 1, 0), end: Math.min(start + 7, height) };
      const { shape, data } = await bySlice(rows);
      expect(shape).toEqual([1, classes, rows.end - rows.start, width]);
      for (let c = 0; c < classes; c++) {
        const from = (c * height + rows.start) * width;
        const length = (rows.end - rows.start) * width;
        expect(data.subarray(c * length, (c + 1) * length)).toEqual(whole.data.subarray(from, from + length));
      }
    }
    const [down, across] = [windows.crop.height, windows.crop.width];
    const count = (side: number, crop: number, stride: number) => Math.ceil(Math.max(side - crop, 0) / stride) + 1;
    expect(seen).toBe(count(height, down, windows.stride.height) * count(width, across, windows.stride.width));
  });

  test('labels made of two rows at a time are those of all at once', async () => {
    const to = frame({ width: original[1], height: original[0] });
    const whole = await model.labels(await slide(1).logits({ start: 0, end: height }), to);
    const { logits } = slide(1);
    expect(await labelsOfRows({ logits }, to, model, { classes: 2 ** 30 })).toEqual(whole);
  });

  test('labels made without logits are those made of them', async () => {
    for (const size of [
      { width, height },
      { width: original[1], height: original[0] },
    ]) {
      const whole = await model.labels(await slide(1).logits({ start: 0, end: height }), frame(size));
      expect(await labelsOfRows(slide(1), frame(size), model, { classes: model.numClasses })).toEqual(whole);
    }
  });
});
