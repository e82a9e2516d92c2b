import { LowformerError } from '../core/errors.js';
import { sameShape } from '../core/tensor.js';
import type { AnyNode, Graph, GraphNode } from './graph.js';
import type { OperationName } from './operations/index.js';
import { operationNamed } from './operations/known.js';
import { sameForm } from './operations/weights.js';
import type { Value } from './value.js';

/**
 * Holds a graph against the operation table: every value is made once and before its use, every node has the inputs,
 * the parameters and the result that its operation says, and every output exists. Run after building, and by `runPasses`.
 * @returns the graph itself.
 * @throws {LowformerError} `invalid-graph`, naming the node.
 */
export function verifyGraph(graph: Graph): Graph {
  const made = new Map<number, Value>();
  const make = (value: Value, where: string) => {
    if (made.has(value.id)) throw broken(where, `value ${value.id} to be made once`, 'a second maker');
    made.set(value.id, value);
  };
  const read = (value: Value, where: string) => {
    const known = made.get(value.id);
    if (known === undefined) throw broken(where, 'inputs that were made before', `value ${value.id}`);
    if (!sameForm(known, value)) {
      throw broken(where, `value ${value.id} as it was made (${known.kind}, ${known.channels} channels)`, value);
    }
  };

  for (const { name, value } of graph.inputs) {
    make(value, `input '${name}'`);
    if (graph.parameters.get(name)?.fed) throw broken(`input '${name}'`, 'a name that no fed parameter has', name);
  }
  for (const node of graph.nodes) {
    const where = `${node.operation} in '${node.scope}'`;
    for (const value of node.inputs) read(value, where);
    verifyNode(node, graph, where);
    make(node.output, where);
  }
  const names = new Set<string>();
  for (const { name, value } of graph.outputs) {
    read(value, `output '${name}'`);
    if (names.has(name)) throw broken(`output '${name}'`, 'distinct names', name);
    names.add(name);
  }
  return graph;
}

function verifyNode<Name extends OperationName>(node: GraphNode<Name> | AnyNode, graph: Graph, where: string): void {
  const { operation: name, attributes, inputs, output } = node as GraphNode<Name>;
  const operation = operationNamed(name);
  if (inputs.length !== operation.inputs) throw broken(where, `${operation.inputs} inputs`, inputs.length);
  const result = operation.result(inputs, attributes);
  if (!sameForm(result, output)) {
    throw broken(where, `a ${result.kind} of ${result.channels} channels`, output);
  }
  const specs = operation.parameters?.(inputs, attributes) ?? {};
  for (const [role, { shape }] of Object.entries(specs)) {
    const given = graph.parameters.get(node.parameters[role] ?? '');
    if (given === undefined) throw broken(where, `a parameter for '${role}'`, node.parameters[role]);
    if (!sameShape(given.shape, shape))
      throw broken(`${where}: '${given.name}'`, `shape [${shape.join(', ')}]`, given.shape);
  }
  const stray = Object.keys(node.parameters).find((role) => !(role in specs));
  if (stray !== undefined) throw broken(where, `parameters ${Object.keys(specs).join(', ') || '(none)'}`, stray);
}

function broken(where: string, expected: string, received: unknown): LowformerError {
  return new LowformerError({ code: 'invalid-graph', where, expected, received });
}
