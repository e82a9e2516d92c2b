import { LowformerError } from '../../core/errors.js';
import type { ForwardName, OperationName } from '../operations/index.js';
import type { OnnxKernel } from './kernel.js';
import { onnxKernels } from './kernels.js';

type KernelTable<Names extends OperationName> = { readonly [Name in Names]: OnnxKernel<Name> };

/** Those of networks, and once something is trained those of losses and gradients. */
const known: Partial<KernelTable<OperationName>> = { ...onnxKernels };

/** Graphs that are written may hold these operations as well from now on. */
export function addOnnxKernels(table: KernelTable<Exclude<OperationName, ForwardName>>): void {
  Object.assign(known, table);
}

/** @throws {LowformerError} `invalid-graph` for an operation of training before `addTrainingOperations` was called. */
export function onnxKernelNamed<Name extends OperationName>(name: Name): OnnxKernel<Name> {
  const kernel: OnnxKernel<Name> | undefined = known[name];
  if (kernel !== undefined) return kernel;
  const expected = 'operations of networks, as nothing is trained';
  throw new LowformerError({ code: 'invalid-graph', where: 'graph', expected, received: name });
}
