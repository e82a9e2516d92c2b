/** The plot of `lowformer benchmark`: time of each network, and its spread. */

import type { Chart } from '../../drawing/chart.js';
import type { Result } from '../record.js';
import { sizeName } from './format.js';

/** One row a size and batch, one line a network, a colour a device; milliseconds on a logarithmic axis. */
export function latencyChart(results: readonly Result[]): Chart {
  const values = results.map(({ config, part, device, size, batch, milliseconds: { median, q25, q75 } }) => ({
    network: part === 'backbone' ? `${config} (backbone)` : config,
    device,
    set: `${sizeName(size)}, batch ${batch}`,
    median,
    q25,
    q75,
  }));
  const y = {
    field: 'network',
    type: 'nominal',
    title: null,
    sort: null,
    axis: { labelLimit: 400, grid: true },
  } as const;
  const color = { field: 'device', type: 'nominal', title: 'device' } as const;
  const scale = { type: 'log', nice: false, padding: 24 } as const;
  const x = (field: string) => ({ field, type: 'quantitative', scale, title: 'milliseconds a run' }) as const;
  return {
    data: { values },
    facet: { field: 'set', type: 'nominal', title: null, sort: null, header: { labelAnchor: 'start' } },
    columns: 1,
    spec: {
      width: 480,
      height: { step: 22 },
      layer: [
        { mark: { type: 'rule', strokeWidth: 2 }, encoding: { y, color, x: x('q25'), x2: { field: 'q75' } } },
        { mark: { type: 'point', filled: true, size: 60 }, encoding: { y, color, x: x('median') } },
      ],
    },
  };
}
