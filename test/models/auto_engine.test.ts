/** `engine: 'auto'`: the engine that is measured to be the fastest, and the same boxes as with that one alone. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Tensors } from '../../core/tensor.js';
import { drawDemoScene } from '../../drawing/demo_scene.js';
import { createEngine, defineEngine, ENGINES } from '../../engines/index.js';
import { type LoadOptions, loadDetector } from '../../models/load_model.js';
import { measuredInput, measuredSize } from '../../models/measured_input.js';
import { openConfig, predictionParts } from '../../models/open_config.js';

const asset = (name: string) => fileURLToPath(new URL(`../../assets/${name}`, import.meta.url));
const scene = drawDemoScene(6).image;
const folder = mkdtempSync(join(tmpdir(), 'lowformer-auto-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let cache: string;
let said: string[];
/** What the engine below was last opened and run with. */
const seen: { opened: number; closed: number; shapes: string[] } = { opened: 0, closed: 0, shapes: [] };

/** ONNX Runtime on the whole network, once for each input: what comes again is there at once. */
const remembering = defineEngine({
  name: 'remembering',
  title: 'Remembering',
  devices: ['cpu'],
  options: { precisions: ['float32'], fastMath: false },
  auto: { as: 'contestant', installed: async () => ({ version: '1' }) },
  runs: 'networks',
  load: async () => async (network, options) => {
    seen.opened += 1;
    const inner = await createEngine('onnxruntime', network, options);
    const known: { readonly data: Float32Array; readonly outputs: Tensors }[] = [];
    return {
      device: inner.device,
      async run(inputs, runOptions) {
        const { data = new Float32Array(), shape = [] } = inputs.input ?? {};
        seen.shapes.push(shape.join('x'));
        const before = known.find(
          (one) => one.data.length === data.length && one.data.every((value, i) => value === data[i]),
        );
        if (before !== undefined) return before.outputs;
        const outputs = await inner.run(inputs, { ...runOptions, given: false });
        known.push({ data: data.slice(), outputs });
        return outputs;
      },
      async [Symbol.asyncDispose]() {
        seen.closed += 1;
        await inner[Symbol.asyncDispose]();
      },
    };
  },
});

beforeAll(() => {
  // OpenVINO, where this machine has it, might be the fastest.
  process.env.LOWFORMER_OPENVINO = folder;
  ENGINES.register(remembering);
});
beforeEach(() => {
  cache = mkdtempSync(join(folder, 'cache-'));
  said = [];
  Object.assign(seen, { opened: 0, closed: 0, shapes: [] });
});

async function boxes(options: LoadOptions) {
  const checkpoint = asset('scenes_detector.safetensors');
  const cfgOptions = ['model.test_cfg.score_thr=0.02'];
  const given = { checkpoint, cfgOptions, cache, onMessage: (line: string) => said.push(line) };
  await using model = await loadDetector(asset('scenes_detector.json'), { ...given, ...options });
  const { detections } = await model.predict(scene);
  return { detections, engine: model.engine };
}

test('it is measured at the size that pictures have in the network, then remembered; boxes are the chosen engine’s', async () => {
  const alone = await boxes({ engine: 'remembering' });
  expect(alone.engine).toEqual({ by: 'name', name: 'remembering' });
  const first = await boxes({ engine: 'auto' });
  expect(first.engine).toMatchObject({
    by: 'measurement',
    name: 'remembering',
    milliseconds: { onnxruntime: expect.any(Number) },
  });
  expect(alone.detections.length).toBeGreaterThan(3);
  expect(first.detections).toEqual(alone.detections);
  expect(seen.shapes[1]).toBe('1x3x192x256');
  const second = await boxes({ engine: 'auto' });
  expect(second.engine).toMatchObject({ by: 'record', name: 'remembering' });
  expect(second.detections).toEqual(alone.detections);
  expect(seen).toMatchObject({ opened: 3, closed: 3 });
  expect(readdirSync(join(cache, 'engines'))).toHaveLength(1);
  expect(said.filter((line) => line.startsWith('engine: '))).toEqual([
    expect.stringMatching(/^engine: remembering, measured: .* at 256x192; remembered in /),
    expect.stringMatching(/^engine: remembering, as measured before: /),
  ]);
});

test('keepNetwork: false measures, and keeps nothing', async () => {
  const { engine } = await boxes({ engine: 'auto', keepNetwork: false });
  expect(engine).toMatchObject({ by: 'measurement', file: undefined });
  expect(readdirSync(cache)).toEqual([]);
});

test('in a precision that one engine alone has, that is taken unmeasured', async () => {
  const { engine } = await boxes({ engine: 'auto', precision: 'float16' });
  expect(engine).toEqual({ by: 'exclusion', name: 'onnxruntime', passedOver: [] });
  expect(seen.opened).toBe(0);
  await expect(boxes({ engine: 'auto', precision: 'bfloat16' })).rejects.toMatchObject({ code: 'missing-package' });
});

describe('what is measured with', () => {
  test.each([
    ['retinanet_lowformer-b0_fpn_1x_coco', { width: 1088, height: 800 }],
    ['sem-fpn_lowformer-b0_40k_ade20k-512x512', undefined],
    ['lowformer-b0_in1k', { width: 224, height: 224 }],
  ])('%s', async (config, expected) => {
    const opened = await openConfig(config);
    const { pipeline } = predictionParts(opened);
    const size = measuredSize(opened.model, { kind: 'prepared', pipeline });
    if (expected !== undefined) expect(size).toEqual(expected);
    expect(size.width % opened.model.sizeDivisor).toBe(0);
    const { input } = measuredInput(size);
    expect(input?.shape).toEqual([1, 3, size.height, size.width]);
    const values = input?.data ?? [];
    expect(values.every((value) => Math.abs(value) <= 2)).toBe(true);
    expect(new Set(values).size).toBeGreaterThan(200);
  });
});
