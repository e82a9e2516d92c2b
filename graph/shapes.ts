import { LowformerError } from '../core/errors.js';
import { type Shape, sameShape } from '../core/tensor.js';
import type { AnyNode, Graph, GraphInput, GraphNode } from './graph.js';
import type { OperationName } from './operations/index.js';
import { operationNamed } from './operations/known.js';

/** The shape of every value at one input size, by value id. */
export type Shapes = ReadonlyMap<number, Shape>;

/**
 * Evaluates the shape rules at one size.
 * @param inputs the shape of each graph input, by name.
 * @throws {LowformerError} `invalid-argument` for a size that the inputs do not allow; `invalid-graph` where an
 *   operation cannot take it, naming the module.
 */
export function evaluateShapes(graph: Graph, inputs: Readonly<Record<string, Shape>>): Shapes {
  const shapes = new Map<number, Shape>();
  for (const input of graph.inputs) shapes.set(input.value.id, checkedShape(input, inputs[input.name]));
  for (const node of graph.nodes) shapes.set(node.output.id, nodeShape(node, inputShapes(node, shapes)));
  return shapes;
}

/** The shape of every value, where each input has but one; undefined where some are free. */
export function fixedShapes(graph: Graph): Shapes | undefined {
  const known = graph.inputs.flatMap(({ name, shape }) => (shape === undefined ? [] : [[name, shape] as const]));
  return known.length === 0 || known.length < graph.inputs.length
    ? undefined
    : evaluateShapes(graph, Object.fromEntries(known));
}

function checkedShape({ name, value, sizeDivisor = 1, shape: fixed }: GraphInput, shape: Shape | undefined): Shape {
  const where = `input '${name}'`;
  if (fixed !== undefined && (shape === undefined || !sameShape(shape, fixed))) {
    const expected = `the one shape [${fixed.join(', ')}] that the graph is for`;
    throw new LowformerError({ code: 'invalid-argument', where, expected, received: shape });
  }
  if (value.kind !== 'map') {
    const expected = value.shape ?? [shape?.[0] ?? 0, value.channels];
    if (shape !== undefined && sameShape(shape, expected)) return shape;
    const named = `a shape [${(value.shape ?? ['N', value.channels]).join(', ')}]`;
    throw new LowformerError({ code: 'invalid-argument', where, expected: named, received: shape });
  }
  const [, channels, height = 0, width = 0] = shape ?? [];
  if (shape === undefined || shape.length !== 4 || channels !== value.channels || shape.some((extent) => extent < 1)) {
    const expected = `a shape [N, ${value.channels}, H, W] of positive extents`;
    throw new LowformerError({ code: 'invalid-argument', where, expected, received: shape });
  }
  if (height % sizeDivisor !== 0 || width % sizeDivisor !== 0) {
    const [up, right] = [height, width].map((side) => Math.ceil(side / sizeDivisor) * sizeDivisor);
    const expected = `a height and width that are multiples of ${sizeDivisor}`;
    const hint = `The next larger size is ${up}x${right}.`;
    throw new LowformerError({ code: 'invalid-argument', where, expected, received: `${height}x${width}`, hint });
  }
  return shape;
}

/** The shapes of a node's inputs, in their order. */
export function inputShapes(node: AnyNode, shapes: Shapes): readonly Shape[] {
  return node.inputs.map(({ id }) => {
    const shape = shapes.get(id);
    if (shape === undefined) throw unevaluated(node);
    return shape;
  });
}

/** Multiply-accumulates of one node; 0 for operations that count none. */
export function nodeMacs(node: AnyNode, shapes: Shapes): number {
  const output = shapes.get(node.output.id);
  if (output === undefined) throw unevaluated(node);
  return macsOf(node, inputShapes(node, shapes), output);
}

function nodeShape<Name extends OperationName>(node: GraphNode<Name> | AnyNode, inputs: readonly Shape[]): Shape {
  const { operation: name, attributes, scope } = node as GraphNode<Name>;
  const operation = operationNamed(name);
  try {
    return operation.shape(inputs, attributes);
  } catch (cause) {
    const expected = cause instanceof LowformerError ? cause.message.replace(/^graph: expected /, '') : String(cause);
    throw new LowformerError({ code: 'invalid-graph', where: `${name} in '${scope}'`, expected, cause });
  }
}

function macsOf<Name extends OperationName>(
  node: GraphNode<Name> | AnyNode,
  inputs: readonly Shape[],
  output: Shape,
): number {
  const { operation: name, attributes } = node as GraphNode<Name>;
  const operation = operationNamed(name);
  return operation.macs?.(inputs, output, attributes) ?? 0;
}

function unevaluated(node: AnyNode): LowformerError {
  const where = `${node.operation} in '${node.scope}'`;
  return new LowformerError({ code: 'invalid-graph', where, expected: 'shapes evaluated for this graph' });
}
