/** Whether the pictures that ranges were taken from are like others that are shown afterwards. */
import type { Network } from '../graph/graph.js';
import type { ActivationCode } from '../graph/quantization/codes.js';
import type { HistogramCounts } from '../graph/quantization/histogram.js';
import { layerName } from '../graph/quantization/layer_names.js';
import { planQuantization } from '../graph/quantization/plan.js';
import type { QuantizedNetwork } from '../graph/quantization/quantization.js';

/** Of a layer's result, over the pictures that were shown. */
export interface RangeFit {
  /** The layer that made it. */
  readonly name: string;
  /** The share of the values beyond the first or the last byte, less that of the calibration set. */
  readonly outside: number;
  /** How much of the range of the bytes the values reach over, from 0 to 1. */
  readonly used: number;
}

/** More of a layer's values than these beyond its bytes: they are cut. */
const MUCH_OUTSIDE = 0.05;
/** Less of the bytes than these in use: two bits of eight are lost. */
const LITTLE_USED = 0.25;

/**
 * @param calibration what was counted over the calibration set, by ids of values.
 * @param shown the same over other pictures.
 */
export function rangeFits(
  network: Network,
  { quantization: { codes } }: QuantizedNetwork,
  calibration: ReadonlyMap<number, HistogramCounts>,
  shown: ReadonlyMap<number, HistogramCounts>,
): readonly RangeFit[] {
  const { beforeHardswish } = planQuantization(network.graph);
  return network.graph.nodes.flatMap((node): readonly RangeFit[] => {
    const { id } = node.output;
    const [code, before, now] = [codes.get(id), calibration.get(id), shown.get(id)];
    if (code === undefined || before === undefined || now === undefined) return [];
    // What HardSwish makes 0 of may be cut.
    const { min, max } = endsOf(code);
    const ends = { min: beforeHardswish.has(id) ? Number.NEGATIVE_INFINITY : min, max };
    const outside = Math.max(0, shareOutside(now, ends) - shareOutside(before, ends));
    const reach = Math.min(max, Math.max(0, now.max)) - Math.max(min, Math.min(0, now.min));
    return [{ name: layerName(node), outside, used: max > min ? reach / (max - min) : 1 }];
  });
}

/** What is said where the pictures differ; undefined where they do not. */
export function rangeWarning(fits: readonly RangeFit[], what: string): string | undefined {
  const cut = fits.filter(({ outside }) => outside > MUCH_OUTSIDE).toSorted((a, b) => b.outside - a.outside);
  const wide = fits.filter(({ used }) => used < LITTLE_USED);
  const [worst] = cut;
  const said = [
    ...(worst === undefined
      ? []
      : [
          `of ${layers(cut.length)} more than ${percent(MUCH_OUTSIDE)} of the values are cut (${worst.name}: ${percent(worst.outside)})`,
        ]),
    ...(wide.length * 2 <= fits.length ? [] : [`${layers(wide.length)} use less than a quarter of their bytes`]),
  ];
  return said.length === 0
    ? undefined
    : `the calibration set is not like ${what}: ${said.join(', and ')}. Calibrate with pictures of the kind that will come`;
}

function layers(count: number): string {
  return count === 1 ? 'one layer' : `${count} layers`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.1 ? 1 : 0).replace(/\.0$/, '')} %`;
}

/** Half a step beyond the outermost bytes' numbers, up to which values are rounded to them. */
function endsOf({ scale, zeroPoint }: ActivationCode): { readonly min: number; readonly max: number } {
  return { min: (-0.5 - zeroPoint) * scale, max: (255.5 - zeroPoint) * scale };
}

function shareOutside(
  { counts, width }: HistogramCounts,
  { min, max }: { readonly min: number; readonly max: number },
): number {
  const half = counts.length / 2;
  let [total, outside] = [0, 0];
  for (const [i, count] of counts.entries()) {
    total += count;
    const [from, to] = [(i - half) * width, (i - half + 1) * width];
    if (to <= min || from >= max) outside += count;
  }
  return total === 0 ? 0 : outside / total;
}
