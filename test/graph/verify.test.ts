import { describe, expect, test } from 'vitest';
import { LowformerError } from '../../core/errors.js';
import { graphBuilder } from '../../graph/builder.js';
import type { Graph, GraphNode } from '../../graph/graph.js';
import { evaluateShapes } from '../../graph/shapes.js';
import { verifyGraph } from '../../graph/verify.js';

function sound(): Graph {
  const g = graphBuilder();
  const x = g.input('x', 8);
  const y = g.scope('a').conv(x, { out: 8, kernel: 3 });
  return g.finish([{ name: 'y', value: g.relu(y) }]);
}

function withFirst(change: (node: Graph['nodes'][number]) => Graph['nodes'][number]): Graph {
  const graph = sound();
  const [first, ...rest] = graph.nodes;
  if (first === undefined) throw new Error('empty');
  return { ...graph, nodes: [change(first), ...rest] };
}

describe('a broken graph is refused', () => {
  const relu: GraphNode<'relu'> = {
    operation: 'relu',
    attributes: {},
    inputs: [],
    output: { id: 77, kind: 'map', channels: 8 },
    parameters: {},
    scope: 'b',
  };
  test.each<[string, Graph, string]>([
    [
      'an input that nothing made',
      { ...sound(), nodes: sound().nodes.slice(1) },
      'expected inputs that were made before',
    ],
    ['nodes out of order', { ...sound(), nodes: sound().nodes.toReversed() }, 'expected inputs that were made before'],
    ['a value made twice', { ...sound(), nodes: [...sound().nodes, ...sound().nodes] }, 'to be made once'],
    [
      'a missing input',
      { ...sound(), nodes: [...sound().nodes, relu] },
      "relu in 'b': expected 1 inputs but received 0",
    ],
    ['a missing parameter', { ...sound(), parameters: new Map() }, "expected a parameter for 'weight'"],
    [
      'a parameter too many',
      withFirst((node) => ({ ...node, parameters: { ...node.parameters, gamma: 'a.gamma' } })),
      'gamma',
    ],
    [
      'wrong channels',
      withFirst((node) => ({ ...node, output: { ...node.output, channels: 9 } })),
      'expected a map of 8 channels',
    ],
    [
      'a parameter of another shape',
      { ...sound(), parameters: new Map([['a.weight', { name: 'a.weight', shape: [8, 8, 1, 1], kind: 'parameter' }]]) },
      "'a.weight': expected shape [8, 8, 3, 3]",
    ],
    ['an output name twice', { ...sound(), outputs: [...sound().outputs, ...sound().outputs] }, 'distinct names'],
  ])('%s', (_, graph, message) => {
    expect(() => verifyGraph(graph)).toThrow(message);
    expect(() => verifyGraph(graph)).toThrow(LowformerError);
  });
});

test('while building: two shapes for one parameter name', () => {
  const g = graphBuilder();
  const x = g.input('x', 8);
  g.scope('a').conv(x, { out: 8, kernel: 3 });
  expect(() => g.scope('a').conv(x, { out: 8, kernel: 1 })).toThrow("'a.weight'");
});

test('a size that the network cannot take is named with its module', () => {
  const g = graphBuilder();
  const y = g.scope('stem').conv(g.input('x', 3), { out: 4, kernel: 7, pad: 0 });
  const graph = g.finish([{ name: 'y', value: y }]);
  expect(() => evaluateShapes(graph, { x: [1, 3, 4, 4] })).toThrow(
    "conv in 'stem': expected a feature map large enough",
  );
  expect(() => evaluateShapes(graph, { x: [1, 4, 9, 9] })).toThrow("input 'x': expected a shape [N, 3, H, W]");
  expect(() => evaluateShapes(graph, { x: [1, 3, 0, 9] })).toThrow('positive extents');
});

test('a size that the input does not allow is named, and the next that it does', () => {
  const g = graphBuilder();
  const graph = g.finish([{ name: 'y', value: g.relu(g.input('x', 3, 32)) }]);
  expect(evaluateShapes(graph, { x: [1, 3, 64, 96] }).size).toBe(2);
  for (const [h, w, next] of [
    [65, 96, '96x96'],
    [64, 1, '64x32'],
  ] as const) {
    expect(() => evaluateShapes(graph, { x: [1, 3, h, w] })).toThrow(
      `input 'x': expected a height and width that are multiples of 32 but received '${h}x${w}'. ` +
        `The next larger size is ${next}.`,
    );
  }
});
