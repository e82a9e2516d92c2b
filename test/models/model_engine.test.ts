/** What a loaded model passes on to its engine, and how it outlives it. */
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { drawDemoScene } from '../../drawing/demo_scene.js';
import { loadDetector } from '../../models/load_model.js';
import { startedThreads } from '../engines/thread/threads_started.js';
import { demoCells, differences } from './demo_cells.js';

const asset = (name: string) => fileURLToPath(new URL(`../../assets/${name}`, import.meta.url));
const demo = asset('blood_cells.json');
const weights = { checkpoint: asset('blood_cells.safetensors') };
const scene = drawDemoScene(6).image;

test('in float16 the same cells are found, at the same places', async () => {
  const [expected, actual] = [await demoCells({}), await demoCells({ precision: 'float16' })];
  expect(expected.length).toBeGreaterThan(15);
  expect(actual).toHaveLength(expected.length);
  const { pixels, score } = differences(expected, actual);
  // Measured: 0.023 and 7.8e-4.
  expect(pixels).toBeLessThan(0.05);
  expect(score).toBeLessThan(1e-3);
});

test('a model whose thread has died is loaded again from its checkpoint, and says so', async () => {
  const threads = startedThreads();
  const said: string[] = [];
  await using model = await loadDetector(demo, { ...weights, onMessage: (line) => said.push(line) });
  const expected = await model.predict(scene);
  said.length = 0;
  await threads.kill();
  expect(await model.predict(scene)).toEqual(expected);
  expect(said).toEqual([
    expect.stringMatching(/^the network is loaded again: onnxruntime: .* It stopped: its thread ended/),
  ]);
});

test('predictions beyond the bound of the queue are refused, the others are made', async () => {
  await using model = await loadDetector(demo, { ...weights, maxWaitingCalls: 1 });
  const results = await Promise.allSettled(Array.from({ length: 5 }, () => model.predict(scene)));
  const refused = results.filter(({ status }) => status === 'rejected');
  expect(refused).toHaveLength(3);
  for (const result of refused) expect(result).toMatchObject({ reason: { code: 'too-many-calls' } });
});

describe('what an engine does not offer', () => {
  test.each([
    [
      { engine: 'tfjs', precision: 'float16' },
      "precision: expected nothing but float32 of the engine tfjs but received 'float16'",
    ],
    [{ engine: 'tfjs', fastMath: true }, 'fastMath: expected nothing but float32 of the engine tfjs'],
    [{ device: 'webgpu', fastMath: true }, 'fastMath: expected an ARM64 processor and the device cpu'],
    [{ maxWaitingCalls: -1 }, 'options.maxWaitingCalls: expected '],
  ] as const)('%o: one clear message', async (options, message) => {
    await expect(loadDetector(demo, { ...weights, ...options })).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringContaining(message),
    });
  });
});
