import type { Graph } from '../../graph/graph.js';
import type { Model } from '../../tasks/model.js';
import type { Part } from './record.js';

/** The part of a network that is measured, with its outputs; the backbone's are C2 to C5. Passes drop the rest. */
export function partGraph({ graph, wholeGraph, features }: Model, part: Part): Graph {
  if (part === 'whole') return graph;
  const outputs = features.filter(({ name }) => name.startsWith('c')).map(({ name, value }) => ({ name, value }));
  return { ...wholeGraph, outputs };
}
