/** What is said of a quantized model. Keys as in the JSON. */
import type { WeightBits } from '../graph/quantization/codes.js';
import type { QuantizedLayer } from '../graph/quantization/quantized_layers.js';
import type { RangeMethod } from '../graph/quantization/ranges.js';
import type { OutputComparison } from './output_comparison.js';
import type { RangeFit } from './range_fit.js';

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
  readonly equalised: boolean;
  readonly outputs: OutputReport;
  /** Of each value that is bytes, over pictures in `--images`. */
  readonly range_fit?: readonly RangeFit[];
  /** Of each layer by itself, highest cost first; where it was asked for, or a bound made it necessary. */
  readonly sensitivity?: readonly { readonly name: string; readonly output_signal_to_noise_db: number | null }[];
  /** Of the float network and of this one, over the annotated pictures. */
  readonly accuracy?: AccuracyReport;
}

export interface OutputReport {
  /** Of the network's outputs, each counting alike; null where nothing differs. */
  readonly signal_to_noise_db: number | null;
  /** Of one run of the network, in turns, on the machine that quantized. */
  readonly milliseconds: { readonly float32: number; readonly int8: number };
}

export interface AccuracyReport {
  /** `AP`, `mIoU`, `mAP`, `top1`. */
  readonly figure: string;
  readonly float32: number;
  readonly int8: number;
  /** In hundredths: float32 less int8. */
  readonly loss: number;
}

/** JSON has no infinity. */
export function finiteDecibels(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

export function outputReport({ signalToNoise, milliseconds }: OutputComparison): OutputReport {
  return { signal_to_noise_db: finiteDecibels(signalToNoise), milliseconds };
}

/** What is said of outputs and figures, in lines. */
export function comparisonLines({
  outputs,
  accuracy,
}: Pick<QuantizationReport, 'outputs' | 'accuracy'>): readonly string[] {
  const { signal_to_noise_db: db, milliseconds } = outputs;
  const times = `${milliseconds.float32.toFixed(1)} ms float32, ${milliseconds.int8.toFixed(1)} ms int8`;
  return [
    `outputs: signal to noise ${decibels(db ?? Number.POSITIVE_INFINITY)}; ${times} on this machine`,
    ...(accuracy === undefined
      ? []
      : [
          `${accuracy.figure}: ${accuracy.float32.toFixed(4)} float32, ${accuracy.int8.toFixed(4)} int8: ${accuracy.loss.toFixed(2)} points less`,
        ]),
  ];
}

/** Layers whose bytes differ most, in the table for a person. */
const WORST = 5;

/** The report in a few lines. */
export function reportLines(report: QuantizationReport): readonly string[] {
  const { layers, bytes, pictures, ranges, weight_bits, sensitivity = [] } = report;
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
    ...(sensitivity.length === 0 ? [] : ['outputs with one layer alone in int8, signal to noise:']),
    ...sensitivity.map(
      ({ name, output_signal_to_noise_db: db }) => `  ${decibels(db ?? Number.POSITIVE_INFINITY).padStart(8)}  ${name}`,
    ),
    ...comparisonLines(report),
    `${megabytes(bytes.float32)} before, ${megabytes(bytes.int8)} after`,
  ];
}

function decibels(value: number): string {
  return Number.isFinite(value) ? `${value.toFixed(1)} dB` : 'equal';
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
