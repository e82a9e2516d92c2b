import { elements, type Shape } from '../core/tensor.js';
import type { AnyNode, Graph } from './graph.js';
import { evaluateShapes, nodeMacs } from './shapes.js';

/** Number of trainable values, as `sum(p.numel() for p in model.parameters())` counts them: no running statistics. */
export function countParameters(graph: Graph): number {
  let total = 0;
  for (const { shape, kind } of graph.parameters.values()) if (kind === 'parameter') total += elements(shape);
  return total;
}

/**
 * Multiply-accumulates at one input size: convolutions, transposed convolutions, linear layers and the two products of
 * attention, as the LowFormer paper counts them (biases, normalisation and activations are not counted).
 * @param counted which nodes to count; all by default. `hasWeight` leaves the products of attention out, as many
 *   published figures do.
 */
export function countMacs(
  graph: Graph,
  inputs: Readonly<Record<string, Shape>>,
  counted: (node: AnyNode) => boolean = () => true,
): number {
  const shapes = evaluateShapes(graph, inputs);
  return graph.nodes.reduce((total, node) => total + (counted(node) ? nodeMacs(node, shapes) : 0), 0);
}

/** Whether a node multiplies by learned weights: convolutions and linear layers, not the products of attention. */
export function hasWeight({ parameters }: AnyNode): boolean {
  return parameters.weight !== undefined;
}

export interface ModuleCost {
  /** Dotted module name. */
  readonly name: string;
  readonly parameters: number;
  readonly macs: number;
}

/** Cost by module, `depth` name parts deep, in the order in which the modules run. */
export function countByModule(
  graph: Graph,
  inputs: Readonly<Record<string, Shape>>,
  depth: number,
): readonly ModuleCost[] {
  const shapes = evaluateShapes(graph, inputs);
  const costs = new Map<string, { parameters: number; macs: number }>();
  const cost = (name: string) => {
    const key = name.split('.').slice(0, depth).join('.');
    const found = costs.get(key) ?? { parameters: 0, macs: 0 };
    costs.set(key, found);
    return found;
  };
  for (const node of graph.nodes) cost(node.scope).macs += nodeMacs(node, shapes);
  for (const { name, shape, kind } of graph.parameters.values()) {
    if (kind === 'parameter') cost(name.slice(0, name.lastIndexOf('.'))).parameters += elements(shape);
  }
  return [...costs].map(([name, sums]) => ({ name, ...sums }));
}
