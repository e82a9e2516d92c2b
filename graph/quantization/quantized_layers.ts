import type { Graph } from '../graph.js';
import { layerName } from './layer_names.js';
import { canBeQuantized, type PlanOptions, planQuantization } from './plan.js';
import type { Quantization } from './quantization.js';

/** What becomes of a layer of a network, by the name that reports have for it. */
export interface QuantizedLayer {
  readonly name: string;
  readonly operation: string;
  /** Whether it is done on bytes: wherever it stands, where several nodes have its weights. */
  readonly int8: boolean;
  /** Why it is not; undefined where it is. */
  readonly reason?: string;
  /** Ids of the values that it makes, with a ReLU that belongs to it. */
  readonly values: readonly number[];
}

/**
 * The layers of a network in its order, less ReLUs that belong to another one.
 * @param quantization what was made of it; without it, what may be.
 */
export function quantizedLayers(
  graph: Graph,
  options: PlanOptions = {},
  quantization?: Quantization,
): readonly QuantizedLayer[] {
  const { int8, fused } = planQuantization(graph, options);
  const within = new Set(fused.values());
  const layers = new Map<string, QuantizedLayer>();
  for (const node of graph.nodes) {
    const { id } = node.output;
    if (within.has(id)) continue;
    const name = layerName(node);
    const before = layers.get(name);
    const ungated = quantization !== undefined && node.operation === 'hardswish' && !quantization.gates.has(id);
    const bytes = int8.has(id) && before?.int8 !== false && !ungated;
    const why = options.float?.has(name)
      ? 'asked for'
      : canBeQuantized(node)
        ? int8.has(id) && ungated
          ? 'the bytes that it reads do not reach down to -3'
          : 'what it reads is float'
        : 'no form on bytes';
    layers.set(name, {
      name,
      operation: node.operation,
      int8: bytes,
      ...(bytes ? {} : { reason: before?.reason ?? why }),
      values: [...(before?.values ?? []), fused.get(id) ?? id],
    });
  }
  return [...layers.values()];
}
