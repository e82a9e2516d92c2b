import { LowformerError } from '../core/errors.js';
import { elements, sameShape } from '../core/tensor.js';
import type { AnyNode, Graph, GraphInput, GraphNode, NamedValue } from './graph.js';
import type { ConvAttributes } from './operations/convolution.js';
import type { OperationAttributes, OperationName } from './operations/index.js';
import { operationNamed } from './operations/known.js';
import { parameterOrder } from './parameter_order.js';
import type { Parameter, Value } from './value.js';
import { verifyGraph } from './verify.js';

export type ConvOptions = Pick<ConvAttributes, 'out' | 'kernel'> & Partial<ConvAttributes>;

/** Emits operations; `scope` names the parameters as the state_dict of the reference implementation does. */
export interface GraphBuilder {
  /** The dotted name of the module being built. */
  readonly path: string;
  /** A builder for a submodule: its parameters are called `<path>.<name>.…`. An empty name stays where it is. */
  scope(name: string): GraphBuilder;
  /**
   * Gives the parameters of these submodules their places in the state_dict, in this order, whichever runs first: torch
   * lists modules in the order in which they were made.
   */
  reserve(...names: readonly string[]): void;
  /** Any operation of the table; the methods below are short forms of it. */
  emit<Name extends OperationName>(
    operation: Name,
    inputs: readonly Value[],
    attributes: OperationAttributes[Name],
  ): Value;
  /** Parameters `weight` [out, C/groups, kernel, kernel] and, unless `bias` is false, `bias` [out]; pad defaults to kernel >> 1. */
  conv(x: Value, options: ConvOptions): Value;
  /** Parameters `weight` [C, out/groups, kernel, kernel] and, unless `bias` is false, `bias` [out]; pad defaults to 0. */
  convTranspose(x: Value, options: ConvOptions): Value;
  linear(x: Value, options: { readonly out: number; readonly bias?: boolean }): Value;
  batchNorm(x: Value, epsilon?: number): Value;
  groupNorm(x: Value, groups: number, epsilon?: number): Value;
  layerNorm(x: Value, epsilon?: number): Value;
  add(a: Value, b: Value): Value;
  relu(x: Value): Value;
  resizeNearestLike(x: Value, like: Value): Value;
  cropLike(x: Value, like: Value): Value;
}

export interface GraphRoot extends GraphBuilder {
  /** A feature map [N, channels, H, W] that the caller of the network gives; H and W multiples of `sizeDivisor`. */
  input(name: string, channels: number, sizeDivisor?: number): Value;
  /** Closes the graph. @throws {LowformerError} `invalid-graph` when it does not hold together. */
  finish(outputs: readonly NamedValue[]): Graph;
}

/** Ten times what the largest network here has: numbers of a config that are each in bounds may make more together. */
const MOST_OPERATIONS = 20_000;
/** 8 GiB of float32. */
const MOST_WEIGHTS = 2 ** 31;

function tooLarge(place: string, expected: string): LowformerError {
  return new LowformerError({ code: 'invalid-graph', where: place === '' ? 'graph' : place, expected });
}

/**
 * A graph to build into: empty, or one that goes on where another ended.
 * @param start what is kept of the other: all but its outputs, which `finish` names anew.
 */
export function graphBuilder(start?: Graph): GraphRoot {
  const nodes: AnyNode[] = [...(start?.nodes ?? [])];
  const inputs: GraphInput[] = [...(start?.inputs ?? [])];
  const parameters = new Map<string, Parameter>();
  const order = parameterOrder();
  let values = [...inputs.map(({ value }) => value), ...nodes.map(({ output }) => output)].reduce(
    (next, { id }) => Math.max(next, id + 1),
    0,
  );
  let weights = 0;
  for (const parameter of start?.parameters.values() ?? []) declare(parameter);

  function declare(parameter: Parameter): void {
    if (!parameters.has(parameter.name)) {
      weights += elements(parameter.shape);
      if (!(weights <= MOST_WEIGHTS)) throw tooLarge(parameter.name, `a network of at most ${MOST_WEIGHTS} weights`);
    }
    const known = parameters.get(parameter.name);
    // Heads run the same weights over every level: the same name with the same shape is the same parameter.
    if (known !== undefined && !sameShape(known.shape, parameter.shape)) {
      const expected = `shape [${known.shape.join(', ')}] for every use of '${parameter.name}'`;
      throw new LowformerError({ code: 'invalid-graph', where: 'graph', expected, received: parameter.shape });
    }
    parameters.set(parameter.name, parameter);
    order.place(parameter.name);
  }

  function emitAt<Name extends OperationName>(
    path: string,
    name: Name,
    sources: readonly Value[],
    attributes: OperationAttributes[Name],
  ): Value {
    if (nodes.length >= MOST_OPERATIONS) throw tooLarge(path, `a network of at most ${MOST_OPERATIONS} operations`);
    const operation = operationNamed(name);
    const output: Value = { id: values++, ...operation.result(sources, attributes) };
    const names: Record<string, string> = {};
    for (const [role, { shape, kind, name: last = role }] of Object.entries(
      operation.parameters?.(sources, attributes) ?? {},
    )) {
      names[role] = inside(path, last);
      declare({ name: names[role], shape, kind });
    }
    const node: GraphNode<Name> = {
      operation: name,
      attributes,
      inputs: sources,
      output,
      parameters: names,
      scope: path,
    };
    nodes.push(node satisfies GraphNode<Name> as AnyNode);
    return output;
  }

  function at(path: string): GraphBuilder {
    const emit: GraphBuilder['emit'] = (name, sources, attributes) => emitAt(path, name, sources, attributes);
    return {
      path,
      scope: (name) => at(inside(path, name)),
      reserve(...names) {
        for (const name of names) order.place(inside(path, name));
      },
      emit,
      conv: (x, options) =>
        emit('conv', [x], { stride: 1, pad: options.kernel >> 1, groups: 1, bias: true, ...options }),
      convTranspose: (x, options) =>
        emit('convTranspose', [x], { stride: 1, pad: 0, groups: 1, bias: true, ...options }),
      linear: (x, { out, bias = true }) => emit('linear', [x], { out, bias }),
      batchNorm: (x, epsilon = 1e-5) => emit('batchNorm', [x], { epsilon }),
      groupNorm: (x, groups, epsilon = 1e-5) => emit('groupNorm', [x], { groups, epsilon }),
      layerNorm: (x, epsilon = 1e-5) => emit('layerNorm', [x], { epsilon }),
      add: (a, b) => emit('add', [a, b], {}),
      relu: (x) => emit('relu', [x], {}),
      resizeNearestLike: (x, like) => emit('resizeNearestLike', [x, like], {}),
      cropLike: (x, like) => emit('cropLike', [x, like], {}),
    };
  }

  return {
    ...at(''),
    input(name, channels, sizeDivisor = 1) {
      const value: Value = { id: values++, kind: 'map', channels };
      inputs.push(sizeDivisor === 1 ? { name, value } : { name, value, sizeDivisor });
      return value;
    },
    finish(outputs) {
      return verifyGraph({ inputs, outputs, nodes, parameters: order.sorted(parameters) });
    },
  };
}

function inside(path: string, name: string): string {
  return path === '' || name === '' ? path + name : `${path}.${name}`;
}
