import { expect, test } from 'vitest';
import type { GraphBuilder, GraphRoot } from '../../../graph/builder.js';
import { foldChannelScale } from '../../../graph/passes/index.js';
import type { Value } from '../../../graph/value.js';
import { expectSame, network, operationNames } from './networks.js';
import { runPass } from './run_pass.js';

const scaled = (g: GraphBuilder, x: Value) => g.scope('scale').emit('channelScale', [x], {});

test.each([
  ['convolution', (g: GraphRoot, x: Value) => g.scope('c').conv(x, { out: 6, kernel: 3, stride: 2 })],
  ['convolution without bias', (g: GraphRoot, x: Value) => g.scope('c').conv(x, { out: 6, kernel: 1, bias: false })],
  ['grouped convolution', (g: GraphRoot, x: Value) => g.scope('c').conv(x, { out: 16, kernel: 3, groups: 4 })],
  [
    'transposed convolution',
    (g: GraphRoot, x: Value) => g.scope('c').convTranspose(x, { out: 16, kernel: 4, stride: 2, pad: 1, groups: 2 }),
  ],
  ['linear layer', (g: GraphRoot, x: Value) => g.scope('c').linear(x, { out: 5 })],
])('a factor for each channel becomes part of the %s before it', async (_, before) => {
  const apart = network((g, x) => scaled(g, before(g, x)));
  const folded = runPass(apart, foldChannelScale);
  expect(operationNames(folded)).toHaveLength(1);
  expect(operationNames(folded)).not.toContain('channelScale');
  await expectSame(apart, folded);
});

test('one after another', async () => {
  const apart = network((g, x) => {
    const y = scaled(g.scope('first'), g.scope('c').conv(x, { out: 8, kernel: 3 }));
    return scaled(g.scope('second'), y);
  });
  expect(operationNames(runPass(apart, foldChannelScale))).toEqual(['conv']);
  await expectSame(apart, runPass(apart, foldChannelScale));
});

test('stays where something else reads the convolution, and where there is none', () => {
  const twice = network((g, x) => {
    const y = g.scope('c').conv(x, { out: 8, kernel: 3 });
    return g.add(scaled(g, y), y);
  });
  expect(operationNames(runPass(twice, foldChannelScale))).toContain('channelScale');
  const alone = network((g, x) => scaled(g, g.relu(x)));
  expect(operationNames(runPass(alone, foldChannelScale))).toEqual(['relu', 'channelScale']);
});
