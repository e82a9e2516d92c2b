import type { AnyNode, Graph } from '../graph.js';

/**
 * What a node is called in reports and in lists of layers: its module where it has weights
 * (`neck.lateral_convs.0.conv`), else its module and its operation (`backbone.stages.1/add`). Nodes that share their
 * weights, as the heads' over the levels of a pyramid, share their name.
 */
export function layerName({ scope, operation, parameters }: AnyNode): string {
  if (Object.keys(parameters).length > 0) return scope;
  return scope === '' ? operation : `${scope}/${operation}`;
}

/** The names of all nodes, each once, in the order of the graph. */
export function layerNames({ nodes }: Graph): readonly string[] {
  return [...new Set(nodes.map(layerName))];
}
