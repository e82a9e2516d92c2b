/** How far what a quantized network gives out is from the float network's, and how long either takes. */
import { sameShape, type Tensor, type Tensors } from '../core/tensor.js';
import { createEngine, type OnnxModel, onnxModel } from '../engines/index.js';
import type { Network } from '../graph/graph.js';
import { quantizedForm } from '../graph/onnx/quantized_values.js';
import { writeOnnx } from '../graph/onnx/write.js';
import type { QuantizedNetwork } from '../graph/quantization/quantization.js';
import type { Runner } from '../tasks/network_runs.js';
import type { ProbeOptions } from './probe.js';

/** A quantized network, or the bytes of its file. */
export type Int8Network = QuantizedNetwork | Uint8Array;

export interface OutputComparison {
  /**
   * In dB: how much louder the float network's outputs are than the differences; infinite where nothing differs. Of several
   * outputs each counts alike: the mean of their shares of noise.
   */
  readonly signalToNoise: number;
  /** Milliseconds of one run, the median of runs that took turns. */
  readonly milliseconds: { readonly float32: number; readonly int8: number };
}

/** A float network's outputs over some inputs, kept to hold others against. */
export interface FloatOutputs extends Runner, AsyncDisposable {
  /** Runs a quantized network over the same inputs. */
  compare(int8: Int8Network): Promise<OutputComparison>;
}

/** So many runs are kept, the first ones. */
const KEPT_RUNS = 8;

/** Starts the float network; what `run` is given first is what quantized networks are compared over. */
export async function floatOutputs(network: Network, { threads, signal }: ProbeOptions = {}): Promise<FloatOutputs> {
  const options = { device: 'cpu', ...(threads === undefined ? {} : { threads }), ...(signal && { signal }) } as const;
  const abort = signal === undefined ? {} : { signal };
  const float = await createEngine('onnxruntime', network, options);
  const kept: { readonly inputs: Tensors; readonly outputs: Tensors }[] = [];
  return {
    async run(inputs) {
      const outputs = await float.run(inputs, abort);
      // Copied: what reads outputs may write to them.
      if (kept.length < KEPT_RUNS) kept.push({ inputs: copied(inputs), outputs: copied(outputs) });
      return outputs;
    },
    async compare(int8) {
      const engine = await createEngine('onnxruntime', modelOf(int8), options);
      try {
        const noises = new Map<string, Energies>();
        const times = { float32: [] as number[], int8: [] as number[] };
        for (const [i, { inputs, outputs }] of kept.entries()) {
          const timed = async (which: 'float32' | 'int8') => {
            const start = performance.now();
            const given = await (which === 'int8' ? engine : float).run(inputs, abort);
            times[which].push(performance.now() - start);
            if (which === 'int8')
              for (const [name, wanted] of Object.entries(outputs)) add(noises, name, wanted, given);
          };
          // Turn and turn about: whatever slows the machine slows both.
          for (const which of i % 2 === 0 ? (['float32', 'int8'] as const) : (['int8', 'float32'] as const))
            await timed(which);
        }
        return {
          signalToNoise: decibels([...noises.values()]),
          milliseconds: { float32: settled(times.float32), int8: settled(times.int8) },
        };
      } finally {
        await engine[Symbol.asyncDispose]();
      }
    },
    [Symbol.asyncDispose]: () => float[Symbol.asyncDispose](),
  };
}

interface Energies {
  signal: number;
  noise: number;
}

function add(noises: Map<string, Energies>, name: string, wanted: Tensor, outputs: Tensors): void {
  const given = outputs[name];
  if (given === undefined || !sameShape(given.shape, wanted.shape)) throw new RangeError(`another output '${name}'`);
  const sums = noises.get(name) ?? { signal: 0, noise: 0 };
  noises.set(name, sums);
  for (const [i, value] of wanted.data.entries()) {
    sums.signal += value ** 2;
    sums.noise += (value - (given.data[i] ?? 0)) ** 2;
  }
}

/** Infinite where there is no noise; an output of zeros counts only where it has noise. */
export function decibels(outputs: readonly Readonly<Energies>[]): number {
  const shares = outputs.flatMap(({ signal, noise }) => (signal === 0 && noise === 0 ? [] : [noise / signal]));
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  return mean > 0 ? -10 * Math.log10(mean) : Number.POSITIVE_INFINITY;
}

/** The median of all runs but the first, which warms up. */
function settled(times: readonly number[]): number {
  const sorted = (times.length > 1 ? times.slice(1) : times).toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

function modelOf(int8: Int8Network): OnnxModel {
  return int8 instanceof Uint8Array ? onnxModel(int8) : writeOnnx(int8, { form: quantizedForm(int8.quantization) });
}

function copied(tensors: Tensors): Tensors {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]),
  );
}
