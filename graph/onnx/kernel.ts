import type { GraphNode } from '../graph.js';
import type { OperationAttributes, OperationName } from '../operations/index.js';
import type { OnnxEmitter } from './emitter.js';

export interface KernelContext<Name extends OperationName> {
  readonly onnx: OnnxEmitter;
  /** Names of the input tensors. */
  readonly inputs: readonly string[];
  readonly attributes: OperationAttributes[Name];
  readonly node: GraphNode<Name>;
  /** The initializer, or the model's input, of a role; '' where the operation has none. */
  readonly parameter: (role: string) => string;
}
/** Writes an operation in ONNX and gives the name of its output. */
export type OnnxKernel<Name extends OperationName> = (context: KernelContext<Name>) => string;

/** A kernel that is one node of ONNX without attributes. */
export const oneNode =
  (opType: string) =>
  ({ onnx, inputs }: { readonly onnx: OnnxEmitter; readonly inputs: readonly string[] }): string =>
    onnx.node(opType, inputs);
