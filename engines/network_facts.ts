/** What a network, or a use of it, is known by from one start to the next. */
import { createHash } from 'node:crypto';
import type { Graph } from '../graph/graph.js';

/** A graph as JSON values: its layers and what they hold, without the values of weights. */
export function graphFacts({ inputs, outputs, nodes, parameters }: Graph): unknown {
  return { inputs, outputs, nodes, parameters: [...parameters.values()] };
}

/** A key, in hexadecimal digits: another one where any of the facts is another. @param facts JSON values, and infinities. */
export function factsKey(facts: unknown): string {
  return createHash('sha256').update(JSON.stringify(facts, plain)).digest('hex');
}

/** JSON has no infinity. */
function plain(_: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}
