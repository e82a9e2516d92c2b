/**
 * Networks of the configs in mmdet's and mmsegmentation's wheels, at their full width and depth: raw maps, and boxes or label
 * maps, as PyTorch computes them with the formula weights, at a size that no stride divides. `npm run test:models` takes some of
 * each family, with `LOWFORMER_TEST_ALL` every network that differs from the others.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { FrameTransform } from '../../core/frame.js';
import { elements, type Tensor, tensor } from '../../core/tensor.js';
import { optimise } from '../../graph/passes/index.js';
import { openGivenConfig } from '../../models/given_configs.js';
import { formulaInput } from '../formula_weights.js';
import { needs } from '../needs.js';
import { OPENMMLAB_CONFIGS } from '../openmmlab_configs.js';
import { formulaNetwork, runNetwork } from '../run_network.js';
import { ROOT } from '../workspace.js';

const bytes = z.base64().transform((text) => new Uint8Array(Buffer.from(text, 'base64')));
/** Little-endian. */
const floats = bytes.transform((data) => new Float32Array(data.buffer));
/** Some elements, spread evenly from the first to the last. */
const sampledMap = z.object({ shape: z.array(z.int()), largest: z.number(), norm: z.number(), values: floats });
const maps = z.record(z.string(), sampledMap);
const schema = z.object({
  input: z.string(),
  shape: z.tuple([z.int(), z.int(), z.int(), z.int()]),
  networks: z.record(
    z.string(),
    z.union([
      z.object({ maps, boxes: floats, scores: floats, labels: z.array(z.int()) }),
      // Of every fifth pixel.
      z.object({ maps, labels: bytes }),
    ]),
  ),
});
type SampledMap = z.output<typeof sampledMap>;

const { input, shape, networks } = schema.parse(
  JSON.parse(gunzipSync(readFileSync(`${ROOT}test/fixtures/zoo/networks.json.gz`)).toString('utf8')),
);
const [, , height, width] = shape;
const frame: FrameTransform = {
  original: { width, height },
  resized: { width, height },
  padded: { width, height },
  scaleX: 1,
  scaleY: 1,
  left: 0,
  top: 0,
};
/** Where the file differs from the checkpoint that was published with it. */
const CHANGES: Readonly<Record<string, readonly string[]>> = {
  'fpn_r101_4xb4-160k_ade20k-512x512': ['model.backbone.depth=101'],
};

const SOME = [
  'retinanet_r18_fpn_1x_coco',
  'retinanet_r50-caffe_fpn_1x_coco',
  'retinanet_r50_fpn_1x_coco_v1',
  'retinanet_r101_fpn_ghm-1x_coco',
  'retinanet_x101-32x4d_fpn_ghm-1x_coco',
  'retinanet_regnetx-3.2GF_fpn_1x_coco',
  'retinanet_pvt-s_fpn_1x_coco',
  'retinanet_pvtv2-b2_fpn_1x_coco',
  'retinanet_swin-t-p4-w7_fpn_1x_coco',
  'retinanet_timm-efficientnet-b1_fpn_1x_coco',
  'freeanchor_r50_fpn_1x_coco',
  'libra-retinanet_r50_fpn_1x_coco',
  'fpn_r101_4xb4-160k_ade20k-512x512',
  'fpn_poolformer_s36_8x4_512x512_40k_ade20k',
  'twins_pcpvt-b_fpn_fpnhead_8xb4-80k_ade20k-512x512',
  'twins_svt-b_fpn_fpnhead_8xb4-80k_ade20k-512x512',
];

const asked = process.env.LOWFORMER_TEST_MODELS !== undefined;
const chosen = Object.entries(networks).filter(([name]) => process.env.LOWFORMER_TEST_ALL || SOME.includes(name));

test('some of each family are chosen', () => {
  expect(chosen.length).toBeGreaterThanOrEqual(SOME.length);
});

describe.each(chosen)('%s', needs('models', asked), (name, reference) => {
  test('raw maps, and what is made of them', { timeout: 120_000 }, async () => {
    const { config } = OPENMMLAB_CONFIGS.find((one) => one.name === name) ?? expect.fail('no such config');
    const opening = { files: { 'config.json': config }, cfgOptions: CHANGES[name] ?? [] };
    const { model } = await openGivenConfig('config.json', opening);
    const outputs = await runNetwork(optimise(formulaNetwork(model.graph)), {
      input: tensor(shape, formulaInput(input, shape)),
    });
    const errors = Object.entries(reference.maps).map(([key, map]) => sampleError(outputs[key], map));
    expect(Object.keys(outputs)).toHaveLength(errors.length);
    expect(Math.max(...errors)).toBeLessThan(1e-5);
    if (model.task === 'detection' && 'boxes' in reference) {
      const found = model.decode(outputs, 0, frame);
      expect(found.scores).toHaveLength(reference.scores.length);
      expect(unmatched(found, reference)).toEqual([]);
    } else if (model.task === 'segmentation' && !('boxes' in reference)) {
      const { labels } = await model.decode(outputs, 0, frame);
      const sampled = Array.from(labels).filter((_, i) => i % 5 === 0);
      expect(sampled).toHaveLength(reference.labels.length);
      const other = sampled.reduce((count, label, i) => count + Number(label !== reference.labels[i]), 0);
      expect(other / sampled.length).toBeLessThan(1e-4);
    } else expect.fail('another task than the reference');
  });
});

/** The largest difference as a share of the reference's largest value. */
function sampleError(actual: Tensor | undefined, { shape, largest, norm, values }: SampledMap): number {
  expect(actual?.shape).toEqual(shape);
  const { data = new Float32Array() } = actual ?? {};
  const last = elements(shape) - 1;
  const spread = Math.min(values.length, last + 1) - 1;
  let error = Math.abs(Math.hypot(...data) - norm) / norm;
  for (const [i, value] of values.entries()) {
    const at = spread === 0 ? 0 : Math.trunc((i * last) / spread);
    error = Math.max(error, Math.abs((data[at] ?? Number.NaN) - value) / largest);
  }
  return error;
}

interface Boxes {
  readonly boxes: Float32Array;
  readonly scores: Float32Array;
  readonly labels: ArrayLike<number>;
}

/** Boxes of the reference without one of the same class within 0.01 px and 1e-5 of the score; equal scores have no order. */
function unmatched(found: Boxes, reference: Boxes): readonly number[] {
  const isNear = (i: number, j: number) =>
    found.labels[i] === reference.labels[j] &&
    Math.abs((found.scores[i] ?? 0) - (reference.scores[j] ?? 0)) < 1e-5 &&
    [0, 1, 2, 3].every(
      (side) => Math.abs((found.boxes[i * 4 + side] ?? 0) - (reference.boxes[j * 4 + side] ?? 0)) < 0.01,
    );
  return [...reference.scores.keys()].filter((j) => ![...found.scores.keys()].some((i) => isNear(i, j)));
}
