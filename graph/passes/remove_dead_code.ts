import type { Network } from '../graph.js';

/** Drops the nodes that no output needs, and the parameters that no remaining node reads. The runner calls it around every pass. */
export function removeDeadCode({ graph, parameters }: Network): Network {
  const needed = new Set(graph.outputs.map(({ value }) => value.id));
  const nodes = graph.nodes.toReversed().filter((node) => {
    if (!needed.has(node.output.id)) return false;
    for (const { id } of node.inputs) needed.add(id);
    return true;
  });
  const read = new Set(nodes.flatMap((node) => Object.values(node.parameters)));
  const kept = new Map([...graph.parameters].filter(([name]) => read.has(name)));
  return { graph: { ...graph, nodes: nodes.reverse(), parameters: kept }, parameters };
}
