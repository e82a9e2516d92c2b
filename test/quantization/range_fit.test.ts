import { expect, test } from 'vitest';
import { graphBuilder } from '../../graph/builder.js';
import { growingHistogram, type HistogramCounts } from '../../graph/quantization/histogram.js';
import { quantizeNetwork } from '../../graph/quantization/quantize_network.js';
import { rangeFits, rangeWarning } from '../../quantization/range_fit.js';
import { formulaNetwork } from '../run_network.js';

const root = graphBuilder();
const input = root.input('input', 4);
const a = root.scope('a').conv(input, { out: 4, kernel: 1 });
const gate = root.scope('a').emit('hardswish', [a], {});
const b = root.scope('b').conv(gate, { out: 4, kernel: 1 });
const network = formulaNetwork(root.finish([{ name: 'y', value: b }]));
const ids = [input.id, a.id, gate.id, b.id];

/** A thousand numbers, evenly from one to another, for every value of the network, or others for one of them. */
function counted(
  min: number,
  max: number,
  other?: { readonly id: number; readonly min: number; readonly max: number },
) {
  return new Map(
    ids.map((id): [number, HistogramCounts] => {
      const [from, to] = other?.id === id ? [other.min, other.max] : [min, max];
      const histogram = growingHistogram();
      histogram.add(Float32Array.from({ length: 1000 }, (_, i) => from + ((to - from) * i) / 999));
      return [id, histogram.read()];
    }),
  );
}

const calibration = counted(-8, 8);
const quantized = quantizeNetwork(network, new Map(ids.map((id) => [id, { range: { min: -8, max: 8 } }])));
const fits = (shown: ReadonlyMap<number, HistogramCounts>) => rangeFits(network, quantized, calibration, shown);

test('pictures of the same kind are said nothing about', () => {
  expect(fits(counted(-7, 7)).map(({ name, outside }) => [name, outside])).toEqual([
    ['a', 0],
    ['a/hardswish', 0],
    ['b', 0],
  ]);
  expect(rangeWarning(fits(counted(-7, 7)), 'these')).toBeUndefined();
});

test('values beyond the outermost bytes are counted, less what HardSwish makes 0', () => {
  const found = fits(counted(-7, 7, { id: b.id, min: -16, max: 16 }));
  expect(found.find(({ name }) => name === 'b')?.outside).toBeCloseTo(0.5, 2);
  expect(rangeWarning(found, 'these')).toBe(
    'the calibration set is not like these: of one layer more than 5 % of the values are cut (b: 50 %). Calibrate with pictures of the kind that will come',
  );
  const [beforeHardswish] = fits(counted(-7, 7, { id: a.id, min: -100, max: 8 }));
  expect(beforeHardswish?.outside).toBe(0);
  // What was so in the calibration set already is its own matter.
  const before = counted(-8, 8, { id: b.id, min: -16, max: 16 });
  expect(rangeFits(network, quantized, before, before).map(({ outside }) => outside)).toEqual([0, 0, 0]);
});

test('ranges far wider than what is shown waste bytes', () => {
  const found = fits(counted(-0.5, 0.5));
  expect(found.find(({ name }) => name === 'b')?.used).toBeCloseTo(1 / 16, 2);
  expect(rangeWarning(found, 'these')).toContain('3 layers use less than a quarter of their bytes');
});
