import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { FrameTransform } from '../../core/frame.js';
import { type Tensor, type Tensors, tensor } from '../../core/tensor.js';
import { BOX_CODERS, boxCoderSchema } from '../../decoding/box_coders.js';
import { createDenseDecoder, type DenseHeadParts } from '../../decoding/dense_decoder.js';
import { type DenseTestConfig, denseTestSchema } from '../../decoding/dense_test_cfg.js';
import { PRIOR_GENERATORS, priorGeneratorSchema } from '../../decoding/prior_generators.js';
import { sigmoid } from '../../geometry/sigmoid.js';
import type { DecodedBoxes } from '../../registry/define.js';
import { createPart } from '../../registry/part_schema.js';
import { needs } from '../needs.js';
import { parityFile } from '../parity_file.js';
import { seededRandom } from '../random.js';
import { type ReferenceFile, readSafetensors } from '../read_safetensors.js';

/** What the maps of one level say, and the decoder by the names under which a head gives them out. */
interface Level {
  readonly scores: Tensor;
  readonly deltas: Tensor;
}
const outputsOf = (levels: readonly Level[]): Tensors =>
  Object.fromEntries(levels.flatMap(({ scores, deltas }, i) => [[`cls${i}`, scores] as const, [`reg${i}`, deltas]]));
function createRetinaDecoder({ parts, test }: { readonly parts: DenseHeadParts; readonly test: DenseTestConfig }) {
  const decode = createDenseDecoder(parts, test);
  return {
    decode: (levels: readonly Level[], frame: FrameTransform, index = 0) => decode(outputsOf(levels), index, frame),
  };
}

const pair = z.tuple([z.number(), z.number()]);
const caseSchema = z
  .object({
    bbox_head: z.object({
      num_classes: z.number(),
      anchor_generator: priorGeneratorSchema,
      bbox_coder: boxCoderSchema,
    }),
    use_sigmoid: z.boolean().default(true),
    test_cfg: denseTestSchema,
    image_meta: z.object({ img_shape: pair, scale_factor: pair }),
  })
  .transform(({ bbox_head, use_sigmoid, test_cfg, image_meta }) => {
    const parts: DenseHeadParts = {
      head: 'RetinaHead',
      priors: createPart(PRIOR_GENERATORS, bbox_head.anchor_generator),
      coder: createPart(BOX_CODERS, bbox_head.bbox_coder),
      scores: { classes: bbox_head.num_classes, activation: use_sigmoid ? 'sigmoid' : 'softmax' },
    };
    const [height, width] = image_meta.img_shape;
    return { options: { parts, test: test_cfg }, frame: frameOf(width, height, ...image_meta.scale_factor) };
  });

function frameOf(width: number, height: number, scaleX: number, scaleY: number): FrameTransform {
  const size = { width, height };
  const original = { width: Math.round(width / scaleX), height: Math.round(height / scaleY) };
  return { original, resized: size, padded: size, scaleX, scaleY, left: 0, top: 0 };
}

function readLevels(reference: ReferenceFile, count: number, prefix = ''): Level[] {
  return Array.from({ length: count }, (_, i) => ({
    scores: reference.float32(`${prefix}cls${i}`),
    deltas: reference.float32(`${prefix}reg${i}`),
  }));
}

function readJson(path: string | URL): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** Same boxes in the same order, but that neighbours in the list whose scores are within 1e-5 may have changed places. */
function expectSame(
  actual: DecodedBoxes,
  reference: ReferenceFile,
  prefix: string,
  bounds: { score: number; pixels: number },
): void {
  const boxes = reference.float32(`${prefix}boxes`).data;
  const scores = reference.float32(`${prefix}scores`).data;
  const labels = reference.integers(`${prefix}labels`);
  expect(actual.scores.length).toBe(scores.length);
  const free = new Set(scores.keys());
  actual.scores.forEach((score, i) => {
    const match = [...free].find(
      (j) =>
        (i === j || Math.abs((scores[i] ?? 0) - (scores[j] ?? 0)) < 1e-5) &&
        labels[j] === actual.labels[i] &&
        Math.abs(score - (scores[j] ?? 0)) <= bounds.score &&
        [0, 1, 2, 3].every((k) => Math.abs((actual.boxes[i * 4 + k] ?? 0) - (boxes[j * 4 + k] ?? 0)) <= bounds.pixels),
    );
    expect(match, `box ${i}`).toBeDefined();
    if (match !== undefined) free.delete(match);
  });
}

describe("mmdet's predict_by_feat on a whole detector", () => {
  it('RetinaNet with LowFormer-B0', () => {
    const fixture = (extension: string) =>
      new URL(`../fixtures/detectors/b0_head_outputs.${extension}`, import.meta.url);
    const { options, frame } = caseSchema.parse(readJson(fixture('json')));
    const reference = readSafetensors(fixture('safetensors'));
    const decoded = createRetinaDecoder(options).decode(readLevels(reference, 5), frame);
    expectSame(decoded, reference, '', { score: 1e-6, pixels: 1e-4 });
  });

  const large = ['b0', 'b1'].map((name) => {
    const stem = `detectors/retinanet_lowformer_${name}`;
    return { name, config: parityFile(`${stem}.json`), values: parityFile(`${stem}.safetensors`) };
  });
  const there = large.every(({ config, values }) => config !== undefined && values !== undefined);
  it.each(large)(
    'RetinaNet with LowFormer-$name, from the whole reference file',
    needs('wholeTensors', there),
    ({ config = '', values = '' }) => {
      const { model, image_meta } = z
        .object({ model: z.object({ bbox_head: z.unknown(), test_cfg: z.unknown() }), image_meta: z.unknown() })
        .parse(readJson(config));
      const { options, frame } = caseSchema.parse({ ...model, image_meta });
      const reference = readSafetensors(values);
      const decoded = createRetinaDecoder(options).decode(readLevels(reference, 5), frame);
      expectSame(decoded, reference, '', { score: 1e-6, pixels: 1e-4 });
    },
  );
});

describe("mmdet's predict_by_feat on made-up outputs", () => {
  const fixture = (extension: string) => new URL(`../fixtures/detectors/predict_by_feat.${extension}`, import.meta.url);
  const cases = z.record(z.string(), caseSchema).parse(readJson(fixture('json')));
  const reference = readSafetensors(fixture('safetensors'));

  it.each(Object.entries(cases))('%s', (name, { options, frame }) => {
    const levels = readLevels(reference, 3, `${name}.`);
    const decoder = createRetinaDecoder(options);
    // The working memory is used again: what the first picture left there must not show.
    decoder.decode(levels, frame, 0);
    const decoded = decoder.decode(levels, frame, 1);
    expect([...decoded.labels]).toEqual([...reference.integers(`${name}.labels`)]);
    if (options.parts.scores.activation === 'sigmoid')
      expect(decoded.scores).toEqual(reference.float32(`${name}.scores`).data);
    expectSame(decoded, reference, `${name}.`, {
      score: options.parts.scores.activation === 'sigmoid' ? 0 : 1e-6,
      pixels: 1e-4,
    });
  });
});

const anchors = (config: object) =>
  createPart(
    PRIOR_GENERATORS,
    priorGeneratorSchema.parse({ type: 'AnchorGenerator', strides: [8], ratios: [1], scales: [2], ...config }),
  );
const onePosition = {
  head: 'RetinaHead',
  priors: anchors({}),
  coder: createPart(BOX_CODERS, boxCoderSchema.parse({ type: 'DeltaXYWHBBoxCoder' })),
  scores: { classes: 2, activation: 'sigmoid' },
} satisfies DenseHeadParts;
const testing = (test: object): DenseTestConfig =>
  denseTestSchema.parse({
    ...{ score_thr: 0.05, nms_pre: 1000, min_bbox_size: 0, nms: { iou_threshold: 0.5 }, max_per_img: 100, ...test },
  });
const decoderWith = (test: object, parts: DenseHeadParts = onePosition) =>
  createRetinaDecoder({ parts, test: testing(test) });

/** One anchor, two classes, a map of 4x4. */
function level(fill: (i: number) => number): Level {
  return {
    scores: tensor(
      [1, 2, 4, 4],
      Float32Array.from({ length: 32 }, (_, i) => fill(i)),
    ),
    deltas: tensor([1, 4, 4, 4], new Float32Array(64)),
  };
}

describe('one level by hand', () => {
  const frame = frameOf(32, 32, 1, 1);

  it('finds the anchor of the one position that passes, clipped to the picture', () => {
    // Class 1, row 2, column 3: the anchor's centre is at x 24, y 16, its side 16.
    const decoded = decoderWith({}).decode([level((i) => (i === 16 + 2 * 4 + 3 ? 2 : -9))], frame);
    expect([...decoded.boxes]).toEqual([16, 8, 32, 24]);
    expect([...decoded.labels]).toEqual([1]);
    expect(decoded.scores[0]).toBeCloseTo(1 / (1 + Math.exp(-2)), 6);
  });

  it('moves boxes back by the padding before the picture, and then scales', () => {
    const padded = { ...frameOf(32, 32, 2, 0.5), left: 4, top: 6 };
    const decoded = decoderWith({}).decode([level((i) => (i === 10 ? 2 : -9))], padded);
    expect([...decoded.boxes]).toEqual([(8 - 4) / 2, (8 - 6) * 2, (24 - 4) / 2, (24 - 6) * 2]);
  });

  it('takes scores above the threshold, none that equal it', () => {
    const at = sigmoid(-1.5);
    const decoder = decoderWith({ score_thr: at });
    expect(decoder.decode([level(() => -1.5)], frame).scores.length).toBe(0);
    expect(decoder.decode([level((i) => (i === 5 ? -1.499999 : -1.5))], frame).scores.length).toBe(1);
  });

  it('takes NaN for no empty picture: it is an error, wherever it stands', () => {
    const decoder = decoderWith({});
    const { length } = level(() => 0).scores.data;
    for (let at = 0; at < length; at++) {
      const scores = level((i) => (i === at ? Number.NaN : -9));
      expect(() => decoder.decode([scores], frame)).toThrow('class scores: expected numbers from the network');
    }
    const found = level((i) => (i === 5 ? 3 : -9));
    const deltas = { ...found.deltas, data: found.deltas.data.map(() => Number.NaN) };
    expect(() => decoder.decode([{ ...found, deltas }], frame)).toThrow('box deltas: expected numbers');
  });

  it('with nmsPre, of equal scores takes the first rows', () => {
    const decoder = decoderWith({ nms_pre: 2, nms: { iou_threshold: 1 } });
    const decoded = decoder.decode([level(() => 30)], frame);
    expect([...decoded.labels]).toEqual([0, 1]);
    expect([...decoded.boxes.slice(0, 4)]).toEqual([0, 0, 8, 8]);
  });

  it('a threshold of every score: logits beyond float32 saturation count as 0', () => {
    const decoder = decoderWith({ score_thr: 0, nms: { iou_threshold: 1 } });
    expect(decoder.decode([level((i) => (i < 3 ? -80 : -110))], frame).scores.length).toBe(3);
  });
});

it('the scan of raw logits finds what sorting all scores finds', () => {
  const random = seededRandom(11);
  const [size, channels] = [64, 18];
  const logits = Float32Array.from({ length: channels * size * size }, () => Math.fround((random() - 0.5) * 60));
  const deltas = tensor([1, 36, size, size], new Float32Array(36 * size * size));
  const parts = { ...onePosition, priors: anchors({ strides: [64], ratios: [0.5, 1, 2], scales: [0.1, 0.3, 1] }) };
  const nms = { iou_threshold: 1, split_thr: 1e6 };
  for (const [nmsPre, threshold] of [
    [1000, 0.05],
    [500, 0.999999],
    [20_000, 0.3],
    [-1, 0.9],
  ] as const) {
    const decoder = decoderWith({ nms_pre: nmsPre, score_thr: threshold, nms, max_per_img: 2000 }, parts);
    const frame = frameOf(4096, 4096, 1, 1);
    const decoded = decoder.decode([{ scores: tensor([1, channels, size, size], logits), deltas }], frame);
    const expected: { score: number; label: number }[] = [];
    for (let position = 0; position < size * size; position++) {
      for (let channel = 0; channel < channels; channel++) {
        const score = sigmoid(logits[channel * size * size + position] ?? 0);
        if (score > Math.fround(threshold)) expected.push({ score, label: channel % 2 });
      }
    }
    expected.sort((a, b) => b.score - a.score);
    const best = expected.slice(0, Math.min(nmsPre < 0 ? expected.length - 1 : nmsPre, 2000));
    expect([...decoded.scores]).toEqual(best.map(({ score }) => score));
    expect([...decoded.labels]).toEqual(best.map(({ label }) => label));
  }
});

describe('candidates that were chosen ahead', () => {
  const decode = createDenseDecoder(onePosition, testing({ score_thr: 0.3 }));
  const frame = frameOf(32, 32, 1, 1);
  /** Two pictures, of which the second has one candidate more. */
  const scores = () =>
    tensor(
      [2, 2, 4, 4],
      Float32Array.from({ length: 64 }, (_, i) => (i === 5 || i === 32 + 16 + 3 || i === 32 + 14 ? 2 + i / 100 : -9)),
    );
  const outputs = (map: Tensor) => ({ cls0: map, reg0: tensor([2, 4, 4, 4], new Float32Array(128)) });

  it('are their pixels, ascending, picture by picture', () => {
    const made = outputs(scores());
    expect(decode.candidatePixels(made, 0)).toEqual([Int32Array.of(5)]);
    expect(decode.candidatePixels(made, 1)).toEqual([Int32Array.of(3, 14)]);
  });

  it('are decoded without a second look at the class scores, and once', () => {
    const map = scores();
    const made = outputs(map);
    const expected = [0, 1].map((index) => decode(made, index, frame));
    for (const index of [0, 1]) decode.candidatePixels(made, index);
    // What nobody may do, here to see who looks.
    map.data.fill(-9);
    expect([0, 1].map((index) => decode(made, index, frame))).toEqual(expected);
    expect(decode(made, 1, frame).scores).toHaveLength(0);
  });

  it('are forgotten for other outputs', () => {
    decode.candidatePixels(outputs(scores()), 1);
    const others = outputs(tensor([2, 2, 4, 4], new Float32Array(64).fill(-9)));
    expect(decode(others, 1, frame).scores).toHaveLength(0);
  });
});

describe('refusals', () => {
  const decoder = decoderWith({});
  const frame = frameOf(32, 32, 1, 1);
  const good = level(() => 0);

  it('a level that is not there', () => {
    expect(() => decoder.decode([], frame)).toThrow("RetinaHead: expected an output 'cls0'");
  });
  it('another number of classes', () => {
    const scores = tensor([1, 3, 4, 4], new Float32Array(48));
    expect(() => decoder.decode([{ ...good, scores }], frame)).toThrow('level 0 scores: expected shape [1,2,4,4]');
  });
  it('deltas of another size', () => {
    const deltas = tensor([1, 4, 4, 2], new Float32Array(32));
    expect(() => decoder.decode([{ ...good, deltas }], frame)).toThrow('level 0 deltas: expected shape [1,4,4,4]');
  });
  it('a picture that is not in the batch', () => {
    expect(() => decoder.decode([good], frame, 1)).toThrow('batch index: expected from 0 to 0 but received 1');
  });
});
