import { LowformerError } from '../../core/errors.js';
import type { AnyNode } from '../graph.js';

/** The name of the parameter that a node has for a role. @throws {LowformerError} `invalid-graph` where it has none. */
export function parameterOf(node: AnyNode, role: string): string {
  const name = node.parameters[role];
  if (name !== undefined) return name;
  const where = `${node.operation} in '${node.scope}'`;
  throw new LowformerError({ code: 'invalid-graph', where, expected: `a parameter for '${role}'` });
}
