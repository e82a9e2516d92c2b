import type { Shape, Tensor } from '../core/tensor.js';
import type { OperationAttributes, OperationName } from './operations/index.js';
import type { Parameter, Value } from './value.js';

/** One operation with its wiring. Plain data: passes copy and change it freely. */
export interface GraphNode<Name extends OperationName> {
  readonly operation: Name;
  readonly attributes: OperationAttributes[Name];
  readonly inputs: readonly Value[];
  readonly output: Value;
  /** Parameter names by role: `weight` -> `neck.lateral_convs.0.conv.weight`. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The module that it belongs to, as in a state_dict: `neck.lateral_convs.0.conv`. */
  readonly scope: string;
}
export type AnyNode = { readonly [Name in OperationName]: GraphNode<Name> }[OperationName];

export interface NamedValue {
  readonly name: string;
  readonly value: Value;
}

export interface GraphInput extends NamedValue {
  /** Height and width must be multiples of it; any size will do where it is absent. */
  readonly sizeDivisor?: number;
  /** The whole shape, where no other may come: see `graph/passes/fixed_inputs.ts`. */
  readonly shape?: Shape;
}

/** Nodes stand in an order in which each one's inputs come before it. */
export interface Graph {
  readonly inputs: readonly GraphInput[];
  readonly outputs: readonly NamedValue[];
  readonly nodes: readonly AnyNode[];
  readonly parameters: ReadonlyMap<string, Parameter>;
}

/**
 * Where a parameter's values come from, read when they are needed and not kept:
 * a checkpoint on disk, an initialiser, or another parameter that a pass has folded.
 *
 * `into`: memory that the values may be laid in, where it is long enough; the result then is a view of it. Who reads a
 * whole network one tensor after the other keeps one such array instead of leaving each tensor to the garbage collector.
 */
export type ParameterSource = (name: string, into?: Float32Array) => Tensor;

/** A graph and its values. */
export interface Network {
  readonly graph: Graph;
  readonly parameters: ParameterSource;
}

/** How many nodes and outputs read each value, by its id. */
export function countUses(graph: Graph): ReadonlyMap<number, number> {
  const uses = new Map<number, number>();
  const count = ({ id }: Value) => uses.set(id, (uses.get(id) ?? 0) + 1);
  for (const node of graph.nodes) node.inputs.forEach(count);
  for (const { value } of graph.outputs) count(value);
  return uses;
}
