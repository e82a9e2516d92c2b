import type { GraphNode } from '../graph.js';
import type { OperationAttributes, OperationName } from '../operations/index.js';
import type { Value } from '../value.js';

/** Adds an operation to the backward part of a graph. Parameters are those of the forward part, by role. */
export type Emit = <Name extends OperationName>(
  operation: Name,
  inputs: readonly Value[],
  attributes: OperationAttributes[Name],
  parameters?: Readonly<Record<string, string>>,
) => Value;

export interface RuleContext<Name extends OperationName> {
  /** The operation whose inputs and parameters want gradients. */
  readonly node: GraphNode<Name>;
  readonly inputs: readonly Value[];
  readonly attributes: OperationAttributes[Name];
  /** The gradient of its result. */
  readonly gradient: Value;
  readonly emit: Emit;
  /** Some of the operation's parameters, for an operation that reads them again. */
  readonly parameters: (...roles: readonly string[]) => Readonly<Record<string, string>>;
}

/** Gradients that are made when they are asked for: nothing is emitted for an input or a parameter that needs none. */
export interface NodeGradients {
  /** In the order of the inputs; undefined where only the size of an input is read. */
  readonly inputs: readonly ((() => Value) | undefined)[];
  /** By role; buffers have none. */
  readonly parameters?: Readonly<Record<string, () => Value>>;
}

/** How the gradients of an operation's inputs and parameters follow from that of its result. */
export type GradientRule<Name extends OperationName> = (context: RuleContext<Name>) => NodeGradients;

/** Said of what occurs in backward graphs alone, or after passes: a gradient of a gradient is not to be had. */
export const FIRST_ORDER_ONLY = 'first order only';
export type RuleEntry<Name extends OperationName> = GradientRule<Name> | typeof FIRST_ORDER_ONLY;

/** The input at an index, which the verifier has counted. */
export function inputAt(inputs: readonly Value[], index: number): Value {
  const value = inputs[index];
  if (value === undefined) throw new RangeError(`no input ${index}`);
  return value;
}
