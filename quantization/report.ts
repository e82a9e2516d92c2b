/** What is said of a quantized model. Keys as in the JSON. */
import type { WeightBits } from '../graph/quantization/codes.js';
import type { QuantizedLayer } from '../graph/quantization/quantized_layers.js';
import type { RangeMethod } from '../graph/quantization/ranges.js';

export interface LayerReport extends Omit<QuantizedLayer, 'values'> {
  /** Of what it gives out as bytes, with all errors before it; null where that is float, infinite where nothing differs. */
  readonly signal_to_noise_db: number | null;
}

export interface QuantizationReport {
  readonly layers: readonly LayerReport[];
  readonly bytes: { readonly float32: number; readonly int8: number };
  /** How many were calibrated with. */
  readonly pictures: number;
  readonly ranges: RangeMethod;
  readonly weight_bits: WeightBits;
}

/** Layers whose bytes differ most, in the table for a person. */
const WORST = 5;

/** The report in a few lines. */
export function reportLines({ layers, bytes, pictures, ranges, weight_bits }: QuantizationReport): readonly string[] {
  const int8 = layers.filter((layer) => layer.int8);
  const measured = int8.flatMap(({ name, signal_to_noise_db: db }) => (db === null ? [] : [{ name, db }]));
  const worst = measured.toSorted((a, b) => a.db - b.db).slice(0, WORST);
  const floats = new Map<string, number>();
  for (const { operation, int8: done } of layers) if (!done) floats.set(operation, (floats.get(operation) ?? 0) + 1);
  return [
    `${int8.length} of ${layers.length} layers in int8: ranges by ${ranges} over ${pictures} pictures, weights of ${weight_bits} bits`,
    ...(worst.length === 0 ? [] : ['furthest from the float network, signal to noise:']),
    ...worst.map(({ name, db }) => `  ${decibels(db).padStart(8)}  ${name}`),
    ...(floats.size === 0 ? [] : [`float: ${[...floats].map(([name, n]) => `${n} ${name}`).join(', ')}`]),
    `${megabytes(bytes.float32)} before, ${megabytes(bytes.int8)} after`,
  ];
}

function decibels(value: number): string {
  return Number.isFinite(value) ? `${value.toFixed(1)} dB` : 'equal';
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
