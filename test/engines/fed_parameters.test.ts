/** Weights that come with every run: what is being trained changes without a new session. */
import { describe, expect, test } from 'vitest';
import { tensor } from '../../core/tensor.js';
import { createEngine } from '../../engines/index.js';
import { graphBuilder } from '../../graph/builder.js';
import { differentiate } from '../../graph/gradients/differentiate.js';
import { runPasses } from '../../graph/passes/index.js';
import { formulaNetwork } from '../run_network.js';
import { needsOpenvino } from './openvino/openvino_here.js';

/** loss = mean of weight * x over the pixels. */
function network() {
  const g = graphBuilder();
  const y = g.scope('conv').conv(g.input('x', 1), { out: 1, kernel: 1, bias: false });
  const graph = g.finish([{ name: 'loss', value: g.emit('averageToPixel', [y], {}) }]);
  return runPasses(formulaNetwork(graph), [differentiate({ of: ['loss'] })]);
}

const x = tensor([1, 1, 1, 2], Float32Array.of(1, 3));
const weight = (value: number) => ({ 'conv.weight': tensor([1, 1, 1, 1], Float32Array.of(value)) });

const ENGINES = ['onnxruntime', 'openvino', 'tfjs'] as const;

describe.each(ENGINES)('%s', (engine) => {
  const options = engine === 'openvino' ? needsOpenvino : {};

  test('takes other weights in every run, and gives their gradient', options, async () => {
    await using running = await createEngine(engine, network(), { device: 'cpu' });
    for (const value of [2, -5]) {
      const { loss, 'gradient.conv.weight': gradient } = await running.run({ x, ...weight(value) });
      expect(Array.from(loss?.data ?? [])).toEqual([2 * value]);
      expect(gradient?.shape).toEqual([1, 1, 1, 1]);
      expect(Array.from(gradient?.data ?? [])).toEqual([2]);
    }
  });

  test('says which weight is missing, or of another shape', options, async () => {
    await using running = await createEngine(engine, network(), { device: 'cpu' });
    await expect(running.run({ x })).rejects.toThrow('inputs.conv.weight: expected a tensor [1, 1, 1, 1]');
    const wrong = { 'conv.weight': tensor([2], new Float32Array(2)) };
    await expect(running.run({ x, ...wrong })).rejects.toThrow('inputs.conv.weight: expected a shape [1, 1, 1, 1]');
  });
});
