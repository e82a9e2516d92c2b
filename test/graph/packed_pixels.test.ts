/** `unpackPixels` against a plain loop, in both engines, and the pass that makes it. */
import { describe, expect, test } from 'vitest';
import { createEngine } from '../../engines/index.js';
import { graphBuilder } from '../../graph/builder.js';
import { fixedInputs, packedPixels, runPasses } from '../../graph/passes/index.js';
import { everyPixel, PIXEL_VALUES, pixelsNetwork } from '../pixel_networks.js';
import { formulaNetwork, onnxBytes, runNetwork, runOnnx } from '../run_network.js';
import { unpacked } from '../unpacked_pixels.js';

const input = everyPixel();
const expected = unpacked(input, PIXEL_VALUES);

test('ONNX Runtime, to the bit', async () => {
  const { y } = await runNetwork(pixelsNetwork(), { input });
  expect(y).toEqual(expected);
});

test('in float16 pixels are whole, and the values are rounded', async () => {
  const { y } = await runOnnx(onnxBytes(pixelsNetwork(), 'float16'), { input });
  const halves = PIXEL_VALUES.map((value) => Math.round(value * 64) / 64);
  expect(y).toEqual(unpacked(input, halves));
});

test('TensorFlow.js, to the bit', async () => {
  await using engine = await createEngine('tfjs', pixelsNetwork(), { device: 'cpu' });
  const { y } = await engine.run({ input });
  expect(y).toEqual(expected);
});

describe('the pass', () => {
  const picture = () => {
    const g = graphBuilder();
    return formulaNetwork(g.finish([{ name: 'y', value: g.conv(g.input('input', 3, 8), { out: 4, kernel: 3 }) }]));
  };
  const pass = packedPixels({ values: PIXEL_VALUES, rule: 'table' });

  test('leaves what the network computes', async () => {
    const own = await runNetwork(picture(), { input: expected });
    expect(await runNetwork(runPasses(picture(), [pass]), { input })).toEqual(own);
  });

  test('keeps what is said of the input', () => {
    const shape = [2, 3, 16, 24];
    const { graph } = runPasses(picture(), [fixedInputs({ input: shape }), pass]);
    expect(graph.inputs).toMatchObject([
      { name: 'input', sizeDivisor: 8, shape: [2, 1, 16, 24], value: { channels: 1 } },
    ]);
  });

  test('has a name that tells one table from another', () => {
    expect(pass.name).toBe('packed-pixels of table');
  });

  test('refuses a network that takes no picture', () => {
    const g = graphBuilder();
    const network = formulaNetwork(g.finish([{ name: 'y', value: g.relu(g.input('maps', 8)) }]));
    expect(() => runPasses(network, [pass])).toThrow(
      "graph: expected a first input of three channels, but received 'maps of 8'",
    );
    const values = PIXEL_VALUES.slice(1);
    expect(() => runPasses(picture(), [packedPixels({ values, rule: '' })])).toThrow('expected 771 numbers');
  });
});
