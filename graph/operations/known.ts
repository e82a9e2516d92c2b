import { type ForwardName, type OperationAttributes, type OperationName, operations } from './index.js';
import { invalid, type Operation } from './operation.js';

type OperationTable<Names extends OperationName> = {
  readonly [Name in Names]: Operation<OperationAttributes[Name]>;
};

/** Those of networks, and once something is trained those of losses and gradients: a program that only predicts never loads them. */
const known: Partial<OperationTable<OperationName>> = { ...operations };

/** Graphs may hold these as well from now on. */
export function addOperations(table: OperationTable<Exclude<OperationName, ForwardName>>): void {
  Object.assign(known, table);
}

/** @throws {LowformerError} `invalid-graph` for an operation of training before `addTrainingOperations` was called. */
export function operationNamed<Name extends OperationName>(name: Name): Operation<OperationAttributes[Name]> {
  const operation: Operation<OperationAttributes[Name]> | undefined = known[name];
  if (operation === undefined) throw invalid('operations of networks, as nothing is trained', name);
  return operation;
}
