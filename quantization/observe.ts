/** What a float network's values are over the pictures of a calibration set. */
import type { Tensor } from '../core/tensor.js';
import type { Network } from '../graph/graph.js';
import { growingHistogram, type Histogram, type HistogramCounts } from '../graph/quantization/histogram.js';
import type { Observation } from '../graph/quantization/quantize_network.js';
import { type RangeMethod, rangeOf } from '../graph/quantization/ranges.js';
import type { Runner } from '../tasks/network_runs.js';
import { type ProbeOptions, probe } from './probe.js';

/** Runs a network and keeps in mind what its values are. */
export interface Observer extends Runner, AsyncDisposable {
  /** What was seen so far, by id of the value. */
  observations(method: RangeMethod): ReadonlyMap<number, Observation>;
  /** How often which numbers were seen, by id of the value. */
  histograms(): ReadonlyMap<number, HistogramCounts>;
}

interface Seen {
  readonly histogram: Histogram;
  /** Of each channel. */
  readonly sums: Float64Array;
  /** Of one channel. */
  pixels: number;
}

/**
 * Watches the values of a network in all of its runs.
 * @param ids of the values: `observedValues`.
 */
export function observe(network: Network, ids: readonly number[], options: ProbeOptions = {}): Observer {
  const probed = probe(network, ids, options);
  const seen = new Map<number, Seen>();
  const see = (id: number, { shape, data }: Tensor) => {
    const [batch = 1, channels = 1] = shape;
    const one: Seen = seen.get(id) ?? { histogram: growingHistogram(), sums: new Float64Array(channels), pixels: 0 };
    seen.set(id, one);
    one.histogram.add(data);
    const size = data.length / (batch * channels);
    for (let plane = 0; plane < batch * channels; plane++) {
      let sum = 0;
      for (let i = plane * size; i < (plane + 1) * size; i++) sum += data[i] ?? 0;
      one.sums[plane % channels] = (one.sums[plane % channels] ?? 0) + sum;
    }
    one.pixels += batch * size;
  };
  return {
    async run(inputs) {
      const input = Object.values(inputs)[0];
      if (input === undefined) throw new RangeError('no input');
      return probed.run(input, see);
    },
    observations: (method) =>
      new Map(
        [...seen].map(([id, { histogram, sums, pixels }]) => [
          id,
          { range: rangeOf(histogram.read(), method), means: Float32Array.from(sums, (sum) => sum / pixels) },
        ]),
      ),
    histograms: () => new Map([...seen].map(([id, { histogram }]) => [id, histogram.read()])),
    [Symbol.asyncDispose]: () => probed[Symbol.asyncDispose](),
  };
}
