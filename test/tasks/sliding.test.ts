/** Windows that slide over pictures, held to mmseg's `slide_inference` and the labels that it makes of it. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { FrameTransform } from '../../core/frame.js';
import { type Tensor, type Tensors, tensor } from '../../core/tensor.js';
import { createSegmentationDecoder } from '../../decoding/segmentation_decoder.js';
import { optimise } from '../../graph/passes/index.js';
import { buildModel } from '../../tasks/build_model.js';
import { labelsOfRows } from '../../tasks/sliding_labels.js';
import { slidingPicture } from '../../tasks/sliding_logits.js';
import { seededRandom } from '../random.js';
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
      const labels = slide(1).labels(frame(size));
      const rows = { start: 0, end: size.height };
      expect(await labels(rows, model.logitRows(frame(size), rows))).toEqual(whole);
      expect(await labelsOfRows(slide(1), frame(size), model, { classes: model.numClasses })).toEqual(whole);
    }
  });
});

test('rows of labels, where the picture lies inside of what was padded', async () => {
  const random = seededRandom(31);
  for (let round = 0; round < 40; round++) {
    const between = (low: number, high: number) => low + Math.floor(random() * (high - low + 1));
    const decoder = createSegmentationDecoder({
      head: 'TestHead',
      output: 'logits',
      alignCorners: round % 2 === 0,
      threshold: 0.3,
    });
    const padded = { width: between(4, 60), height: between(4, 60) };
    const [left, top] = [between(0, padded.width >> 2), between(0, padded.height >> 2)];
    const resized = { width: between(1, padded.width - left), height: between(1, padded.height - top) };
    const frame = {
      original: { width: between(1, 60), height: between(1, 60) },
      resized,
      padded,
      scaleX: 1,
      scaleY: 1,
      left,
      top,
    };
    const classes = [1, 3, 300][round % 3] ?? 1;
    const data = Float32Array.from({ length: classes * padded.width * padded.height }, () => 18 * random() - 9);
    const logits = tensor([1, classes, padded.height, padded.width], data);
    const rowsOf = async ({ start, end }: { start: number; end: number }) => {
      const row = padded.width * padded.height;
      const parts = Array.from({ length: classes }, (_, c) => [
        ...data.subarray(c * row + start * padded.width, c * row + end * padded.width),
      ]).flat();
      return tensor([1, classes, end - start, padded.width], new Float32Array(parts));
    };
    expect(await labelsOfRows({ logits: rowsOf }, frame, decoder, { classes: 2 ** 30 })).toEqual(
      await decoder.labels(logits, frame),
    );
  }
});

describe('labels straight from windows', () => {
  const random = seededRandom(7);
  const between = (low: number, high: number) => low + Math.floor(random() * (high - low + 1));

  /** Maps of a quarter of the windows' size, by where the windows lie; some classes far below others, as of a trained network. */
  function drawn(classes: number, alignCorners: boolean, infinite: boolean) {
    const crop = { width: between(20, 90), height: between(20, 90) };
    const stride = { width: between(5, crop.width), height: between(5, crop.height) };
    const network = { width: between(20, 200), height: between(20, 200) };
    const decoder = createSegmentationDecoder({ head: 'TestHead', output: 'logits', alignCorners, threshold: 0.3 });
    const level = Float32Array.from({ length: classes }, () => 12 * random());
    const run = async ({ shape: [n = 0, , h = 0, w = 0] }: Tensor) => {
      const [low, across] = [Math.ceil(h / 4), Math.ceil(w / 4)];
      const plane = low * across;
      const data = Float32Array.from({ length: n * classes * plane }, (_, i) => {
        if (infinite && i === 5) return Number.NEGATIVE_INFINITY;
        return (level[Math.floor(i / plane) % classes] ?? 0) + 4 * Math.sin(i / 5) + random();
      });
      return { logits: tensor([n, classes, low, across], data) };
    };
    const input = tensor([1, 3, network.height, network.width], new Float32Array(3 * network.width * network.height));
    const known: Tensors[] = [];
    const sizeDivisor = between(0, 1) === 0 ? 1 : 4;
    // Each window has the same scores both times.
    const runs = () => {
      let next = 0;
      return async (windows: Tensor) => {
        const at = next++;
        const outputs = known[at] ?? (await run(windows));
        known[at] = outputs;
        return outputs;
      };
    };
    const source = () => slidingPicture(input, { decoder, windows: { crop, stride }, sizeDivisor, run: runs() }, 0);
    const [left, top] = [between(0, network.width >> 3), between(0, network.height >> 3)];
    const resized = { width: between(1, network.width - left), height: between(1, network.height - top) };
    const original = between(0, 1) === 0 ? resized : { width: between(1, 150), height: between(1, 150) };
    const frame: FrameTransform = { original, resized, padded: network, scaleX: 1, scaleY: 1, left, top };
    return { decoder, source, frame };
  }

  test.each([1, 2, 9, 300])('%i classes: those that joined logits make', async (classes) => {
    for (let round = 0; round < (classes > 9 ? 4 : 24); round++) {
      const { decoder, source, frame } = drawn(classes, round % 2 === 0, false);
      const { logits } = source();
      const expected = await labelsOfRows({ logits }, frame, decoder, { classes });
      // Some rows at a time: what is forgotten is not missed.
      const labels = source().labels(frame);
      const made = [];
      for (let start = 0; start < frame.original.height; start += 37) {
        const rows = { start, end: Math.min(start + 37, frame.original.height) };
        made.push(...((await labels(rows, decoder.logitRows(frame, rows)))?.labels ?? []));
      }
      expect(made).toEqual([...expected.labels]);
    }
  });

  test('infinite scores are left to the logits', async () => {
    const { decoder, source, frame } = drawn(3, false, true);
    const rows = { start: 0, end: frame.original.height };
    expect(await source().labels(frame)(rows, decoder.logitRows(frame, rows))).toBeUndefined();
    const { logits } = source();
    const outcome = (from: Parameters<typeof labelsOfRows>[0]) =>
      labelsOfRows(from, frame, decoder, { classes: 3 }).catch((error: Error) => error.message);
    expect(await outcome(source())).toEqual(await outcome({ logits }));
  });
});

describe('windows and the network', () => {
  const decoder = createSegmentationDecoder({
    head: 'TestHead',
    output: 'logits',
    alignCorners: false,
    threshold: 0.3,
  });
  const windows = { crop: { width: 40, height: 30 }, stride: { width: 20, height: 20 } };
  const picture = tensor(
    [1, 3, 50, 70],
    Float32Array.from({ length: 3 * 50 * 70 }, (_, i) => i),
  );
  const parts = { decoder, windows, sizeDivisor: 32 };

  test('are padded for it at the right and bottom, and what is padded is left out', async () => {
    const inputs: Tensor[] = [];
    const { logits } = slidingPicture(
      picture,
      {
        ...parts,
        // Gives the first channel back.
        run: async (input) => {
          inputs.push(input);
          const [n = 0, , h = 0, w = 0] = input.shape;
          const first = Array.from({ length: n }, (_, i) => [
            ...input.data.subarray(3 * i * h * w, (3 * i + 1) * h * w),
          ]);
          return { logits: tensor([n, 1, h, w], new Float32Array(first.flat())) };
        },
      },
      7,
    );
    const { data } = await logits({ start: 0, end: 50 });
    expect(data).toEqual(picture.data.subarray(0, 50 * 70));
    expect(inputs.map(({ shape }) => shape)).toEqual([
      [3, 3, 32, 64],
      [3, 3, 32, 64],
    ]);
    const [first] = inputs;
    expect(first?.data[40]).toBe(7);
    expect(first?.data[30 * 64]).toBe(7);
    expect(first?.data[29 * 64 + 39]).toBe(29 * 70 + 39);
  });

  test('large windows go through it one after another; an abort ends it between them', async () => {
    const large = tensor([1, 3, 1100, 2000], new Float32Array(3 * 1100 * 2000));
    const stop = new AbortController();
    const reason = new Error('enough');
    let runs = 0;
    const { logits } = slidingPicture(
      large,
      {
        ...parts,
        windows: { crop: { width: 1024, height: 1024 }, stride: { width: 512, height: 512 } },
        signal: stop.signal,
        run: async ({ shape: [n] }) => {
          expect(n).toBe(1);
          if (++runs === 2) stop.abort(reason);
          return { logits: tensor([1, 1, 256, 256], new Float32Array(256 * 256)) };
        },
      },
      7,
    );
    await expect(logits({ start: 0, end: 1 })).rejects.toBe(reason);
    expect(runs).toBe(2);
  });

  test('the next windows go through it while labels are made, and no more of them than are under way together', async () => {
    let runs = 0;
    const source = slidingPicture(
      tensor([1, 3, 5000, 1024], new Float32Array(3 * 5000 * 1024)),
      {
        ...parts,
        windows: { crop: { width: 1024, height: 1024 }, stride: { width: 1024, height: 1024 } },
        run: async () => {
          runs++;
          return { logits: tensor([1, 40, 1024, 1024], new Float32Array(40 * 1024 * 1024)) };
        },
      },
      0,
    );
    await source.logits({ start: 0, end: 1 });
    await source[Symbol.asyncDispose]();
    // Its outputs are large: one that was asked for, and two ahead.
    expect(runs).toBe(3);
    await expect(source.logits({ start: 1024, end: 1025 })).rejects.toThrow('disposed');
  });

  test('NaN of one window is an error', async () => {
    const { logits } = slidingPicture(
      picture,
      {
        ...parts,
        run: async ({ shape: [n = 0] }) => ({
          logits: tensor([n, 2, 8, 16], new Float32Array(n * 256).fill(Number.NaN)),
        }),
      },
      7,
    );
    await expect(logits({ start: 0, end: 50 })).rejects.toMatchObject({ code: 'not-a-number' });
  });
});

describe('test_cfg of a segmentor', () => {
  const base = caseSchema.parse(readReference('openmmlab/slide').description).model;
  const build = (test_cfg: object | null) => {
    const model = buildModel({ ...base, test_cfg });
    if (model.task !== 'segmentation') throw new Error(model.task);
    return model;
  };

  test.each([
    [null, []],
    [{}, []],
    [{ mode: 'whole' }, []],
    [{ mode: 'whole', crop_size: [512, 512], stride: [341, 341] }, ['crop_size', 'stride']],
    [
      { subdivision_steps: 2, scale_factor: 2, subdivision_num_points: 8196 },
      ['subdivision_steps', 'scale_factor', 'subdivision_num_points'],
    ],
  ])('%j: pictures go whole', (test_cfg, unused) => {
    const model = build(test_cfg);
    expect(model.windows).toBeUndefined();
    expect(model.unused.filter((path) => path.startsWith('model.test_cfg'))).toEqual(
      unused.map((key) => `model.test_cfg.${key}`),
    );
  });

  test('windows, their sides as mmseg writes them', () => {
    expect(build({ mode: 'slide', crop_size: [64, 96], stride: [43, 96] }).windows).toEqual({
      crop: { height: 64, width: 96 },
      stride: { height: 43, width: 96 },
    });
  });

  test.each([
    [{ mode: 'slide', stride: [1, 1] }, 'model.test_cfg.crop_size: expected'],
    [{ mode: 'slide', crop_size: [64, 64] }, 'model.test_cfg.stride: expected'],
    [
      { mode: 'slide', crop_size: [64, 64], stride: [43, 65] },
      'model.test_cfg.stride: expected no more than crop_size, [64, 64]',
    ],
    [{ mode: 'slide', crop_size: [64, 0], stride: [43, 43] }, 'model.test_cfg.crop_size'],
    [{ mode: 'slid', crop_size: [64, 64], stride: [43, 43] }, 'model.test_cfg.mode: expected'],
    [{ mode: 'slide', crop_sizes: [64, 64], stride: [43, 43] }, "Did you mean 'crop_size'?"],
    [{ mod: 'whole' }, "Did you mean 'mode'?"],
  ])('%j is refused', (test_cfg, words) => {
    expect(() => build(test_cfg)).toThrow(words);
  });
});
