/** The tensors of a model while it is written: what stands for each value of the graph. */
import type { AnyNode } from '../graph.js';
import type { Value } from '../value.js';
import type { OnnxEmitter } from './emitter.js';

/** What of a node decides about the tensors around it. */
export interface WrittenNode {
  readonly operation: string;
  readonly scope: string;
  readonly inputs: readonly Pick<Value, 'id'>[];
  readonly output: Pick<Value, 'id'>;
  readonly parameters: Readonly<Record<string, string>>;
}

/** What the tensors of a node are called by. */
export function placeOf({ scope, operation }: Pick<WrittenNode, 'scope' | 'operation'>): string {
  return scope === '' ? operation : scope;
}

export interface WrittenValues {
  /** A value is there, as this tensor. @param place what tensors beside it are called by. */
  make(value: Value, tensor: string, place: string): void;
  /** The tensor that a node reads for a value; without a node what goes out of the model. */
  read(value: Pick<Value, 'id'>, node?: WrittenNode): string;
  /** Writes a node that has another form on bytes than on numbers; undefined for all others. */
  onBytes(node: WrittenNode): string | undefined;
  /** The tensor of a node's parameter; '' where the node has none of that role. */
  parameter(node: WrittenNode, role: string): string;
  /** A value's tensor has another name now. */
  rename(value: Value, tensor: string): void;
}

/** A tensor a value, in the network's precision. */
export function plainValues(): WrittenValues {
  const tensors = new Map<number, string>();
  return {
    make: ({ id }, tensor) => void tensors.set(id, tensor),
    read: ({ id }) => tensors.get(id) ?? '',
    onBytes: () => undefined,
    parameter: ({ parameters }, role) => parameters[role] ?? '',
    rename: ({ id }, tensor) => void tensors.set(id, tensor),
  };
}

/** A form of values and parameters that is not that of plain numbers: `quantizedForm`. */
export interface WrittenForm {
  readonly values: (at: (prefix: string) => OnnxEmitter) => WrittenValues;
  /** The parameters of a node that are written as the numbers that they are. */
  readonly stored: (node: Pick<AnyNode, 'output' | 'parameters'>) => readonly string[];
}
