/** TensorFlow.js frees nothing by itself: every run must. */

import { freemem } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { tensor } from '../../../core/tensor.js';
import { createEngine } from '../../../engines/index.js';
import type { TensorFlow } from '../../../engines/tfjs/kernel.js';
import { graphBuilder } from '../../../graph/builder.js';
import { optimise } from '../../../graph/passes/index.js';
import { buildModel } from '../../../tasks/build_model.js';
import { formulaInput } from '../../formula_weights.js';
import { needs } from '../../needs.js';
import { formulaNetwork } from '../../run_network.js';
import { classifier, detector, segmentor } from '../../tools/tiny_models.js';
import { ramp } from '../models.js';
import { backend, interpreterOf } from './run_tfjs.js';

const RUNS = 200;
const MEGABYTE = 2 ** 20;

const network = (model: unknown) => optimise(formulaNetwork(buildModel(model).graph));

function inputs(height: number, width: number) {
  const shape = [1, 3, height, width];
  return { input: tensor(shape, formulaInput(`input.${height}x${width}`, shape)) };
}

/** Without what only waits to be collected: when V8 does that is no matter of the engine's. */
function heldMemory(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage.rss();
}

function held(tf: TensorFlow) {
  const { numTensors, numDataBuffers, numBytes } = tf.memory();
  return { numTensors, numDataBuffers, numBytes };
}

describe.each([
  ['detector', detector.model],
  ['segmentor', segmentor.model],
  ['classifier', classifier.model],
])('a tiny %s', (_, model) => {
  test(`holds the same tensors before and after each of ${RUNS} runs, and none when it is disposed`, async () => {
    const { tf } = await backend();
    const empty = held(tf);
    {
      using interpreter = await interpreterOf(network(model));
      const loaded = held(tf);
      expect(loaded.numTensors).toBeGreaterThan(empty.numTensors);
      let warm = 0;
      for (let run = 0; run < RUNS; run++) {
        // Sizes change from picture to picture.
        await interpreter.run(run % 2 === 0 ? inputs(32, 64) : inputs(64, 96));
        expect(held(tf)).toEqual(loaded);
        if (run === RUNS / 4) warm = heldMemory();
      }
      expect(heldMemory() - warm).toBeLessThan(48 * MEGABYTE);
    }
    expect(held(tf)).toEqual(empty);
  });

  test('holds nothing of a run that fails', async () => {
    const { tf } = await backend();
    using interpreter = await interpreterOf(network(model));
    const loaded = held(tf);
    const shape = [1, 4, 32, 32];
    await expect(interpreter.run({ input: tensor(shape, new Float32Array(4 * 32 * 32)) })).rejects.toThrow();
    await expect(interpreter.run({})).rejects.toMatchObject({ code: 'engine-failure' });
    expect(held(tf)).toEqual(loaded);
    await interpreter.run(inputs(32, 32));
    expect(held(tf)).toEqual(loaded);
  });
});

test(`an engine's memory stays flat over ${RUNS} runs`, async () => {
  await using engine = await createEngine('tfjs', network(detector.model), { device: 'cpu' });
  const input = inputs(64, 96);
  for (let run = 0; run < RUNS / 4; run++) await engine.run(input);
  const warm = process.memoryUsage.rss();
  for (let run = 0; run < RUNS; run++) await engine.run(input);
  expect(heldMemory() - warm).toBeLessThan(48 * MEGABYTE);
});

/** It takes the 4 GiB of WebAssembly, and little more; the native library would take all that the machine has. */
const { name } = await backend();
const roomy = name === 'wasm' && freemem() > 6 * 1024 * MEGABYTE;

test(
  'a run for which WebAssembly has no memory is an error, and the next one is right',
  needs('memory', roomy),
  async () => {
    const g = graphBuilder();
    const x = g.input('x', 1);
    const wide = g.scope('wide').conv(x, { out: 96, kernel: 1 });
    const graph = g.finish([{ name: 'y', value: g.emit('globalAveragePool', [g.add(g.relu(wide), wide)], {}) }]);
    await using engine = await createEngine('tfjs', formulaNetwork(graph), { device: 'cpu' });
    const small = { x: ramp([1, 1, 8, 8]) };
    const expected = await engine.run(small);
    const large = { x: { shape: [1, 1, 2304, 2304], data: new Float32Array(2304 ** 2) } };
    await expect(engine.run(large)).rejects.toMatchObject({
      code: 'out-of-memory',
      path: 'cpu',
      message: expect.stringContaining('x [1, 1, 2304, 2304]'),
    });
    expect((await engine.run(small)).y?.data).toEqual(expected.y?.data);
  },
);
