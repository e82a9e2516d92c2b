import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { FrameTransform } from '../../core/frame.js';
import { tensor } from '../../core/tensor.js';
import { createRetinaDecoder, type RetinaDecodeOptions, type RetinaLevel } from '../../decoding/retina_decode.js';
import { anchorGeneratorSchema, createAnchorGenerator } from '../../geometry/anchors.js';
import { boxCodecSchema, createBoxCodec } from '../../geometry/box_codec.js';
import { nmsSchema } from '../../geometry/nms.js';
import { sigmoid } from '../../geometry/sigmoid.js';
import type { DecodedBoxes } from '../../registry/define.js';
import { needs } from '../needs.js';
import { parityFile } from '../parity_file.js';
import { seededRandom } from '../random.js';
import { type ReferenceFile, readSafetensors } from '../read_safetensors.js';

const pair = z.tuple([z.number(), z.number()]);
const caseSchema = z
  .object({
    bbox_head: z.object({
      num_classes: z.number(),
      anchor_generator: anchorGeneratorSchema,
      bbox_coder: boxCodecSchema,
    }),
    use_sigmoid: z.boolean().default(true),
    test_cfg: z.object({
      nms_pre: z.number().default(-1),
      score_thr: z.number(),
      min_bbox_size: z.number().default(-1),
      nms: nmsSchema,
      max_per_img: z.number(),
    }),
    image_meta: z.object({ img_shape: pair, scale_factor: pair }),
  })
  .transform(({ bbox_head, use_sigmoid, test_cfg, image_meta }) => {
    const options: RetinaDecodeOptions = {
      anchors: createAnchorGenerator(bbox_head.anchor_generator),
      codec: createBoxCodec(bbox_head.bbox_coder),
      numClasses: bbox_head.num_classes,
      useSigmoid: use_sigmoid,
      scoreThreshold: test_cfg.score_thr,
      nmsPre: test_cfg.nms_pre,
      minBoxSize: test_cfg.min_bbox_size,
      nms: test_cfg.nms,
      maxPerImage: test_cfg.max_per_img,
    };
    const [height, width] = image_meta.img_shape;
    return { options, frame: frameOf(width, height, ...image_meta.scale_factor) };
  });

function frameOf(width: number, height: number, scaleX: number, scaleY: number): FrameTransform {
  const size = { width, height };
  const original = { width: Math.round(width / scaleX), height: Math.round(height / scaleY) };
  return { original, resized: size, padded: size, scaleX, scaleY, left: 0, top: 0 };
}

function readLevels(reference: ReferenceFile, count: number, prefix = ''): RetinaLevel[] {
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
    if (options.useSigmoid) expect(decoded.scores).toEqual(reference.float32(`${name}.scores`).data);
    expectSame(decoded, reference, `${name}.`, { score: options.useSigmoid ? 0 : 1e-6, pixels: 1e-4 });
  });
});

const onePosition = {
  anchors: createAnchorGenerator(
    anchorGeneratorSchema.parse({ type: 'AnchorGenerator', strides: [8], ratios: [1], scales: [2] }),
  ),
  codec: createBoxCodec(boxCodecSchema.parse({ type: 'DeltaXYWHBBoxCoder' })),
  numClasses: 2,
  useSigmoid: true,
  scoreThreshold: 0.05,
  nmsPre: 1000,
  minBoxSize: 0,
  nms: nmsSchema.parse({ iou_threshold: 0.5 }),
  maxPerImage: 100,
} satisfies RetinaDecodeOptions;

/** One anchor, two classes, a map of 4x4. */
function level(fill: (i: number) => number): RetinaLevel {
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
    const decoded = createRetinaDecoder(onePosition).decode([level((i) => (i === 16 + 2 * 4 + 3 ? 2 : -9))], frame);
    expect([...decoded.boxes]).toEqual([16, 8, 32, 24]);
    expect([...decoded.labels]).toEqual([1]);
    expect(decoded.scores[0]).toBeCloseTo(1 / (1 + Math.exp(-2)), 6);
  });

  it('moves boxes back by the padding before the picture, and then scales', () => {
    const padded = { ...frameOf(32, 32, 2, 0.5), left: 4, top: 6 };
    const decoded = createRetinaDecoder(onePosition).decode([level((i) => (i === 10 ? 2 : -9))], padded);
    expect([...decoded.boxes]).toEqual([(8 - 4) / 2, (8 - 6) * 2, (24 - 4) / 2, (24 - 6) * 2]);
  });

  it('takes scores above the threshold, none that equal it', () => {
    const at = sigmoid(-1.5);
    const decoder = createRetinaDecoder({ ...onePosition, scoreThreshold: at });
    expect(decoder.decode([level(() => -1.5)], frame).scores.length).toBe(0);
    expect(decoder.decode([level((i) => (i === 5 ? -1.499999 : -1.5))], frame).scores.length).toBe(1);
  });

  it('takes NaN for no empty picture: it is an error, wherever it stands', () => {
    const decoder = createRetinaDecoder(onePosition);
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
    const decoder = createRetinaDecoder({ ...onePosition, nmsPre: 2, nms: nmsSchema.parse({ iou_threshold: 1 }) });
    const decoded = decoder.decode([level(() => 30)], frame);
    expect([...decoded.labels]).toEqual([0, 1]);
    expect([...decoded.boxes.slice(0, 4)]).toEqual([0, 0, 8, 8]);
  });

  it('a threshold of every score: logits beyond float32 saturation count as 0', () => {
    const decoder = createRetinaDecoder({
      ...onePosition,
      scoreThreshold: 0,
      nms: nmsSchema.parse({ iou_threshold: 1 }),
    });
    expect(decoder.decode([level((i) => (i < 3 ? -80 : -110))], frame).scores.length).toBe(3);
  });
});

it('the scan of raw logits finds what sorting all scores finds', () => {
  const random = seededRandom(11);
  const [size, channels] = [64, 18];
  const logits = Float32Array.from({ length: channels * size * size }, () => Math.fround((random() - 0.5) * 60));
  const deltas = tensor([1, 36, size, size], new Float32Array(36 * size * size));
  const options: RetinaDecodeOptions = {
    ...onePosition,
    anchors: createAnchorGenerator(
      anchorGeneratorSchema.parse({
        type: 'AnchorGenerator',
        strides: [64],
        ratios: [0.5, 1, 2],
        scales: [0.1, 0.3, 1],
      }),
    ),
    nms: nmsSchema.parse({ iou_threshold: 1, split_thr: 1e6 }),
    maxPerImage: 2000,
  };
  for (const [nmsPre, threshold] of [
    [1000, 0.05],
    [500, 0.999999],
    [20_000, 0.3],
    [-1, 0.9],
  ] as const) {
    const decoder = createRetinaDecoder({ ...options, nmsPre, scoreThreshold: threshold });
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

describe('refusals', () => {
  const decoder = createRetinaDecoder(onePosition);
  const frame = frameOf(32, 32, 1, 1);
  const good = level(() => 0);

  it('another number of levels', () => {
    expect(() => decoder.decode([good, good], frame)).toThrow('retina decode: levels: expected 1');
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
