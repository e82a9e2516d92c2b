import type { AnyNode, Graph, GraphNode } from '../graph.js';
import type { OperationAttributes, OperationName } from '../operations/index.js';
import { operationNamed } from '../operations/known.js';
import type { Value } from '../value.js';
import { addTrainingOperations } from './training_operations.js';

/** Nodes that a pass adds to a graph. */
export interface Added {
  readonly nodes: AnyNode[];
  /** A value of its own number. */
  value(form: Omit<Value, 'id'>): Value;
  emit<Name extends OperationName>(
    scope: string,
    operation: Name,
    inputs: readonly Value[],
    attributes: OperationAttributes[Name],
    parameters?: Readonly<Record<string, string>>,
  ): Value;
}

/** Collects nodes behind those of a graph. */
export function addingTo(graph: Graph): Added {
  addTrainingOperations();
  const values = [...graph.inputs.map(({ value }) => value), ...graph.nodes.map(({ output }) => output)];
  let next = values.reduce((most, { id }) => Math.max(most, id), -1) + 1;
  const nodes: AnyNode[] = [];
  const value: Added['value'] = (form) => ({ id: next++, ...form });
  return {
    nodes,
    value,
    emit<Name extends OperationName>(
      scope: string,
      name: Name,
      inputs: readonly Value[],
      attributes: OperationAttributes[Name],
      parameters: Readonly<Record<string, string>> = {},
    ) {
      const operation = operationNamed(name);
      const output = value(operation.result(inputs, attributes));
      const node: GraphNode<Name> = { operation: name, attributes, inputs, output, parameters, scope };
      nodes.push(node satisfies GraphNode<Name> as AnyNode);
      return output;
    },
  };
}
