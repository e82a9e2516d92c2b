import { expect, test } from 'vitest';
import { graphBuilder } from '../../graph/builder.js';

const bare = { kernel: 1, out: 2, bias: false } as const;

test('parameters stand in the order in which they run, unless a place was reserved for their module', () => {
  const g = graphBuilder();
  let x = g.input('input', 2);
  x = g.scope('stem').conv(x, bare);
  const block = g.scope('block');
  block.reserve('a', 'b');
  x = block.scope('c').conv(x, bare);
  const b = block.scope('b');
  b.reserve('first', 'second');
  x = b.scope('second').conv(x, bare);
  x = b.scope('third').conv(x, bare);
  x = b.scope('first').conv(x, bare);
  x = block.scope('a.deep').conv(x, bare);
  x = g.scope('head').conv(x, bare);
  expect([...g.finish([{ name: 'y', value: x }]).parameters.keys()]).toEqual([
    'stem.weight',
    'block.a.deep.weight',
    'block.b.first.weight',
    'block.b.second.weight',
    'block.b.third.weight',
    'block.c.weight',
    'head.weight',
  ]);
});

test('a reserved place that nothing takes leaves no trace', () => {
  const g = graphBuilder();
  g.reserve('unused');
  const x = g.scope('used').conv(g.input('input', 2), bare);
  expect([...g.finish([{ name: 'y', value: x }]).parameters.keys()]).toEqual(['used.weight']);
});
