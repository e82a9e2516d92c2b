/** What each layer's bytes cost by themselves. */
import type { Log } from '../core/log.js';
import type { QuantizedNetwork } from '../graph/quantization/quantization.js';
import type { QuantizedLayer } from '../graph/quantization/quantized_layers.js';
import type { FloatOutputs } from './output_comparison.js';

export interface LayerCost {
  readonly name: string;
  /** Of the network's outputs with this layer alone in int8, in dB: the lower, the more it costs. */
  readonly outputSignalToNoise: number;
}

/** Layers with weights can be in int8 alone; what only passes bytes on is where those around it are. */
const ALONE: readonly string[] = ['conv', 'linear'];

/** The layers that may stand in int8 by themselves. */
export function layersWithCost(layers: readonly QuantizedLayer[]): readonly string[] {
  return layers.filter(({ int8, operation }) => int8 && ALONE.includes(operation)).map(({ name }) => name);
}

/**
 * Quantizes one layer at a time and looks at the outputs.
 * @param make the network with all but one of `names` left float.
 * @returns the costs, highest first.
 */
export async function layerCosts(
  names: readonly string[],
  make: (float: ReadonlySet<string>) => QuantizedNetwork,
  outputs: FloatOutputs,
  log: Log,
): Promise<readonly LayerCost[]> {
  const costs: LayerCost[] = [];
  const progress = log.progress(names.length, 'layers');
  try {
    for (const name of names) {
      const float = new Set(names.filter((other) => other !== name));
      costs.push({ name, outputSignalToNoise: (await outputs.compare(make(float))).signalToNoise });
      progress.done(`sensitivity: ${name}`);
    }
  } finally {
    progress.stop();
  }
  return costs.toSorted((a, b) => a.outputSignalToNoise - b.outputSignalToNoise);
}
