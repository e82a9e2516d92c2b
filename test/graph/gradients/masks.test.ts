import { expect, test } from 'vitest';
import { tensor } from '../../../core/tensor.js';
import { type GraphRoot, graphBuilder } from '../../../graph/builder.js';
import { differentiate } from '../../../graph/gradients/differentiate.js';
import { drawMask, insertMasks, type MaskSite } from '../../../graph/gradients/masks.js';
import { runPasses } from '../../../graph/passes/index.js';
import { formulaNetwork, runNetwork } from '../../run_network.js';
import { fedValues } from './directional.js';

const site = { module: 'block.main', at: 'output', of: 'picture', rate: 0.25 } as const satisfies MaskSite;

/** x + block(x), then a 1x1. */
function residual(g: GraphRoot) {
  const x = g.input('x', 2);
  const branch = g.scope('block.main').relu(g.scope('block.main.conv').conv(x, { out: 2, kernel: 1 }));
  const value = g.scope('head').conv(g.add(branch, x), { out: 2, kernel: 1, bias: false });
  return g.finish([{ name: 'y', value }]);
}

const input = tensor([2, 2, 1, 1], Float32Array.of(1, 2, 3, 4));

test('a branch that is left out gives nothing and gets no gradient', async () => {
  const network = runPasses(formulaNetwork(residual(graphBuilder())), [
    insertMasks([site]),
    differentiate({ of: ['y'] }),
  ]);
  const run = async (factors: readonly number[]) => {
    const mask = tensor([2, 2, 1, 1], Float32Array.from(factors));
    return runNetwork(network, { x: input, 'mask.block.main': mask, ...fedValues(network) });
  };
  const [none, all] = [await run([0, 0, 0, 0]), await run([1, 1, 1, 1])];
  expect(none['gradient.block.main.conv.weight']?.data).toEqual(new Float32Array(4));
  expect(all['gradient.block.main.conv.weight']?.data).not.toEqual(new Float32Array(4));
  const second = await run([0, 0, 1, 1]);
  expect(second.y?.data.slice(0, 2)).toEqual(none.y?.data.slice(0, 2));
  expect(second.y?.data.slice(2)).toEqual(all.y?.data.slice(2));
});

test('the input of a module can be masked, and what else reads it stays', async () => {
  const before: MaskSite = { module: 'block.main', at: 'input', of: 'channel', rate: 0.5 };
  const network = runPasses(formulaNetwork(residual(graphBuilder())), [insertMasks([before])]);
  const plain = formulaNetwork(residual(graphBuilder()));
  const ones = tensor([2, 2, 1, 1], new Float32Array(4).fill(1));
  const zeros = tensor([2, 2, 1, 1], new Float32Array(4));
  const masked = await runNetwork(network, { x: input, 'mask.block.main': ones });
  expect(masked.y?.data).toEqual((await runNetwork(plain, { x: input })).y?.data);
  expect((await runNetwork(network, { x: input, 'mask.block.main': zeros })).y?.data.every(Number.isFinite)).toBe(true);
});

test('masks follow from seed, step and module, and keep the mean', () => {
  const draw = (seed: number, step: number, of: 'channel' | 'picture' = 'channel') =>
    drawMask({ ...site, of }, 64, 64, seed, step).data;
  expect(draw(1, 2)).toEqual(draw(1, 2));
  expect(draw(1, 2)).not.toEqual(draw(1, 3));
  expect(draw(1, 2)).not.toEqual(draw(2, 2));
  expect(draw(1, 2)).not.toEqual(drawMask({ ...site, of: 'channel', module: 'other' }, 64, 64, 1, 2).data);
  const mean = draw(5, 0).reduce((sum, value) => sum + value, 0) / 64 ** 2;
  expect(mean).toBeGreaterThan(0.95);
  expect(mean).toBeLessThan(1.05);
  const pictures = draw(3, 1, 'picture');
  for (let i = 0; i < pictures.length; i++) expect(pictures[i]).toBe(pictures[i - (i % 64)]);
});

test('what cannot be masked is named', () => {
  const run = (sites: readonly MaskSite[]) => runPasses(formulaNetwork(residual(graphBuilder())), [insertMasks(sites)]);
  expect(() => run([{ ...site, module: 'blok' }])).toThrow("expected a module of the graph but received 'blok'");
  expect(() => run([site, site])).toThrow('one mask a module');
  expect(() => drawMask({ ...site, rate: 1 }, 1, 1, 0, 0)).toThrow('a rate from 0 to below 1');
});
