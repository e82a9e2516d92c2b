/** Networks that take multiples of 32 alone, on pictures of any size: what is padded for them is cut off again. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type Tensor, type Tensors, tensor } from '../../core/tensor.js';
import { graphBuilder } from '../../graph/builder.js';
import { optimise, specialise } from '../../graph/passes/index.js';
import {
  clsPreprocessorSchema,
  detPreprocessorSchema,
  type Preprocessor,
  segPreprocessorSchema,
  toBatch,
} from '../../images/batch.js';
import { prepareFrame, testPipelineSchema } from '../../steps/pipeline.js';
import { buildModel } from '../../tasks/build_model.js';
import { classLabels } from '../../tasks/classes.js';
import { createPredictor } from '../../tasks/predictor.js';
import { sizeDivisor } from '../../tasks/size_divisor.js';
import { readSafetensors } from '../../weights/safetensors.js';
import { formulaNetwork, onnxBytes, runNetwork, runOnnx } from '../run_network.js';
import { classifier, detector, drawPicture, onMultiplesOf32, segmentor, writeModel } from '../tools/tiny_models.js';

const folder = mkdtempSync(join(tmpdir(), 'lowformer-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface TinyConfig {
  readonly model: { readonly data_preprocessor: object };
  readonly test_pipeline: readonly object[];
  readonly metainfo: { readonly classes: string[] };
}

/** A tiny config on a backbone that takes multiples of 32, with weights that tell places apart. */
async function opened(name: string, config: TinyConfig, preprocessor: object = {}) {
  const data_preprocessor = { ...config.model.data_preprocessor, ...preprocessor };
  const changed = onMultiplesOf32({ ...config, model: { ...config.model, data_preprocessor } });
  await writeModel(folder, name, changed);
  const weights = await readSafetensors(join(folder, `${name}.safetensors`));
  const model = buildModel(changed.model);
  const pipeline = testPipelineSchema().parse(config.test_pipeline);
  const parameters = (parameter: string) => weights[parameter] ?? tensor([0], new Float32Array());
  const divisor = sizeDivisor(pipeline, model.preprocessor, model.sizeDivisor);
  const network = specialise(optimise({ graph: model.graph, parameters }), divisor);
  const seen: Tensor[] = [];
  const run = async (inputs: Tensors) => {
    if (inputs.input !== undefined) seen.push(inputs.input);
    return runOnnx(onnxBytes(network), inputs);
  };
  const predict = createPredictor({
    model,
    runner: { run },
    pipeline,
    labels: classLabels({ classes: config.metainfo.classes }, model.numClasses),
  });
  return { model, pipeline, network, predict, seen, divisor };
}

/** Zeros at the right and bottom. */
function padded({ shape, data }: Tensor, height: number, width: number): Tensor {
  const [n = 0, c = 0, h = 0, w = 0] = shape;
  const result = tensor([n, c, height, width], new Float32Array(n * c * height * width));
  for (let row = 0; row < n * c * h; row++) {
    const at = (Math.floor(row / h) * height + (row % h)) * width;
    result.data.set(data.subarray(row * w, (row + 1) * w), at);
  }
  return result;
}

/** The upper left part. */
function cropped({ shape, data }: Tensor, height: number, width: number): Tensor {
  const [n = 0, c = 0, h = 0, w = 0] = shape;
  const rows = Array.from({ length: n * c * height }, (_, row) => {
    const at = (Math.floor(row / height) * h + (row % height)) * w;
    return [...data.subarray(at, at + width)];
  });
  return tensor([n, c, height, width], Float32Array.from(rows.flat()));
}

/** torch's bilinear resize, edges aligned, by the runtime. */
async function resized(x: Tensor, height: number, width: number): Promise<Tensor> {
  const channels = x.shape[1] ?? 0;
  const g = graphBuilder();
  const like = g.input('like', 1);
  const y = g.emit('resizeBilinearLike', [g.input('x', channels), like], { alignCorners: false });
  const size = tensor([1, 1, height, width], new Float32Array(height * width));
  const outputs = await runNetwork(formulaNetwork(g.finish([{ name: 'y', value: y }])), { x, like: size });
  return outputs.y ?? x;
}

function bestClasses({ shape, data }: Tensor): readonly number[] {
  const [, classes = 0, h = 0, w = 0] = shape;
  return Array.from({ length: h * w }, (_, pixel) => {
    const scores = Array.from({ length: classes }, (_, c) => data[c * h * w + pixel] ?? Number.NaN);
    return scores.indexOf(Math.max(...scores));
  });
}

describe('a segmentor', () => {
  test.each([
    ['resized', segmentor.test_pipeline, [65, 48], [96, 64]],
    ['as it is', [], [101, 75], [128, 96]],
  ])('%s: the padded logits enlarged, cut, and brought to the picture’s size', async (name, steps, inside, whole) => {
    const config = { ...segmentor, test_pipeline: steps };
    const { model, pipeline, network, predict, seen } = await opened(`seg ${name}`, config);
    const [width = 0, height = 0] = inside;
    const [paddedWidth = 0, paddedHeight = 0] = whole;
    const picture = drawPicture(101, 75);
    const [result] = await predict([picture]);

    const bare = toBatch([prepareFrame(picture, pipeline)], model.preprocessor).input;
    expect(bare.shape).toEqual([1, 3, height, width]);
    const input = padded(bare, paddedHeight, paddedWidth);
    expect(seen).toEqual([input]);
    const { logits } = await runNetwork(network, { input });
    expect(logits?.shape).toEqual([1, 4, paddedHeight / 4, paddedWidth / 4]);
    if (logits === undefined || result?.kind !== 'segmentation') throw new Error(result?.kind);
    const enlarged = await resized(logits, paddedHeight, paddedWidth);
    const expected = bestClasses(await resized(cropped(enlarged, height, width), 75, 101));
    expect(new Set(expected).size).toBeGreaterThan(1);
    expect([result.width, result.height]).toEqual([101, 75]);
    const wrong = expected.filter((label, i) => label !== result.labels[i]).length;
    expect(wrong / expected.length).toBeLessThan(1e-4);
  });

  test('runs pictures of several sizes, each as it is alone', async () => {
    const { predict } = await opened('seg several', segmentor);
    const pictures = [drawPicture(101, 75), drawPicture(40, 90, 90), drawPicture(101, 75, 120)];
    const together = await predict(pictures);
    for (const [i, picture] of pictures.entries()) expect(together[i]).toEqual((await predict([picture]))[0]);
  });
});

describe('a detector', () => {
  test('pads as pad_size_divisor would, and keeps boxes inside the picture', async () => {
    const [without, with32] = [
      await opened('det 1', detector, { pad_size_divisor: 1 }),
      await opened('det 32', detector, { pad_size_divisor: 32 }),
    ];
    const picture = drawPicture(101, 75);
    const [result] = await without.predict([picture]);
    expect(without.seen.map(({ shape }) => shape)).toEqual([[1, 3, 64, 96]]);
    expect(without.divisor).toBe(32);
    if (result?.kind !== 'detection') throw new Error(result?.kind);
    expect([result]).toEqual(await with32.predict([picture]));
    expect(result.detections.length).toBeGreaterThan(3);
    for (const { box } of result.detections) {
      const [x1, y1, x2, y2] = box;
      expect(Math.min(x1, y1)).toBeGreaterThanOrEqual(0);
      expect(x2).toBeLessThanOrEqual(101.01);
      expect(y2).toBeLessThanOrEqual(75.01);
    }
  });

  test('combines a padding of its own with the network’s', async () => {
    const { predict, seen, divisor } = await opened('det 48', detector, { pad_size_divisor: 48 });
    const results = await predict([drawPicture(101, 75), drawPicture(30, 70)]);
    expect(results.map((result) => [result.width, result.height])).toEqual([
      [101, 75],
      [30, 70],
    ]);
    expect(divisor).toBe(96);
    expect(seen.map(({ shape }) => shape)).toEqual([[2, 3, 96, 96]]);
  });
});

test('a classifier of pictures that are not cropped sees zeros around them', async () => {
  const { model, network, predict, seen } = await opened('cls', { ...classifier, test_pipeline: [] });
  const picture = drawPicture(70, 33);
  const [result] = await predict([picture]);
  const input = padded(toBatch([prepareFrame(picture, [])], model.preprocessor).input, 64, 96);
  expect(seen).toEqual([input]);
  if (model.task !== 'classification' || result?.kind !== 'classification') throw new Error(model.task);
  const probabilities = model.decode(await runNetwork(network, { input }), 0);
  for (const { classIndex, score } of result.ranking) expect(score).toBe(probabilities[classIndex]);
});

const pipelines = {
  none: [],
  fixed: [{ type: 'Resize', scale: [96, 48], keep_ratio: false }],
  large: [{ type: 'CenterCrop', crop_size: 224 }],
};
const parse = (schema: { parse(config: unknown): Preprocessor }, config: unknown) => schema.parse(config);

test.each([
  ['none', parse(detPreprocessorSchema, {}), 1, 1],
  ['none', parse(detPreprocessorSchema, {}), 32, 32],
  ['none', parse(detPreprocessorSchema, { pad_size_divisor: 48 }), 32, 96],
  ['fixed', parse(detPreprocessorSchema, { pad_size_divisor: 8 }), 1, 48],
  ['fixed', parse(detPreprocessorSchema, { pad_size_divisor: 8 }), 32, 32],
  ['large', parse(clsPreprocessorSchema, {}), 32, 224],
  ['fixed', parse(segPreprocessorSchema, {}), 1, 48],
  ['fixed', parse(segPreprocessorSchema, {}), 32, 32],
  ['fixed', parse(segPreprocessorSchema, { test_cfg: { size: [96, 96] } }), 1, 1],
  ['fixed', parse(segPreprocessorSchema, { test_cfg: { size: [96, 96] } }), 32, 32],
  ['none', parse(segPreprocessorSchema, { test_cfg: { size_divisor: 24 } }), 32, 96],
] as const)(
  'sizes after %s and %o, the network taking multiples of %d: multiples of %d',
  (name, preprocessor, required, expected) => {
    expect(sizeDivisor(testPipelineSchema().parse(pipelines[name]), preprocessor, required)).toBe(expected);
  },
);
