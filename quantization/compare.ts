/** How far the values of a quantized network are from those of the float network that it was made of. */
import type { Tensor } from '../core/tensor.js';
import type { Network } from '../graph/graph.js';
import type { QuantizedNetwork } from '../graph/quantization/quantization.js';
import type { Runner } from '../tasks/network_runs.js';
import { type ProbeOptions, probe } from './probe.js';

/** Runs two networks side by side. What it gives out is the float network's. */
export interface Comparison extends Runner, AsyncDisposable {
  /** In dB, by id of the value: 10 log10 of the squares' sum over that of the differences' squares. Infinite where equal. */
  signalToNoise(ids: readonly number[]): number;
}

interface Energies {
  signal: number;
  noise: number;
}

/** Compares the values that are bytes in the quantized network. */
export function compare(network: Network, quantized: QuantizedNetwork, options: ProbeOptions = {}): Comparison {
  const made = new Set(network.graph.nodes.map(({ output }) => output.id));
  const ids = [...quantized.quantization.codes.keys()].filter((id) => made.has(id));
  const [float, bytes] = [probe(network, ids, options), probe(quantized, ids, options)];
  const energies = new Map<number, Energies>();
  const add = (id: number, { data: wanted }: Tensor, { data: given }: Tensor) => {
    const sums = energies.get(id) ?? { signal: 0, noise: 0 };
    energies.set(id, sums);
    for (const [i, value] of wanted.entries()) {
      sums.signal += value ** 2;
      sums.noise += (value - (given[i] ?? 0)) ** 2;
    }
  };
  return {
    async run(inputs) {
      const input = Object.values(inputs)[0];
      if (input === undefined) throw new RangeError('no input');
      const values = new Map<number, Tensor>();
      const outputs = await float.run(input, (id, value) => void values.set(id, value));
      await bytes.run(input, (id, value) => {
        const wanted = values.get(id);
        if (wanted !== undefined) add(id, wanted, value);
        values.delete(id);
      });
      return outputs;
    },
    signalToNoise(some) {
      const all = some.flatMap((id) => energies.get(id) ?? []);
      const [signal, noise] = [sum(all.map((one) => one.signal)), sum(all.map((one) => one.noise))];
      return noise === 0 ? Number.POSITIVE_INFINITY : 10 * Math.log10(signal / noise);
    },
    async [Symbol.asyncDispose]() {
      await float[Symbol.asyncDispose]();
      await bytes[Symbol.asyncDispose]();
    },
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
