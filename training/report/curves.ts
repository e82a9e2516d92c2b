/** Numbers of a run over its iterations, few enough to be drawn, as charts. */
import type { Chart } from '../../drawing/chart.js';

export interface Curve {
  readonly name: string;
  readonly points: readonly CurvePoint[];
}

export interface CurvePoint {
  readonly iteration: number;
  readonly value: number;
}

/** What stands for several neighbours. */
export type Summary = 'mean' | 'last';

/** More points than a chart has room for are no use; the file would grow with the run. */
const MOST_POINTS = 300;

/**
 * One curve for each name, in the order in which they first appear. Of a long run neighbouring points stand together as one,
 * at the last one's iteration. Values that are not finite are left out.
 */
export function curvesOf<Entry extends { readonly iteration: number }>(
  entries: readonly Entry[],
  valuesOf: (entry: Entry) => Readonly<Record<string, number | undefined>>,
  summary: Summary = 'mean',
): readonly Curve[] {
  const curves = new Map<string, CurvePoint[]>();
  for (const entry of entries) {
    for (const [name, value] of Object.entries(valuesOf(entry))) {
      if (value === undefined || !Number.isFinite(value)) continue;
      const points = curves.get(name) ?? [];
      points.push({ iteration: entry.iteration, value });
      curves.set(name, points);
    }
  }
  return [...curves].map(([name, points]) => ({ name, points: thinned(points, summary) }));
}

function thinned(points: readonly CurvePoint[], summary: Summary): readonly CurvePoint[] {
  const count = Math.ceil(points.length / MOST_POINTS);
  if (count <= 1) return points;
  return Array.from({ length: Math.ceil(points.length / count) }, (_, i) => {
    const group = points.slice(i * count, (i + 1) * count);
    const { iteration = 0, value = Number.NaN } = group.at(-1) ?? {};
    const mean = group.reduce((sum, point) => sum + point.value, 0) / group.length;
    return { iteration, value: summary === 'mean' ? mean : value };
  });
}

export interface CurveChartOptions {
  /** A dot for each value: for few of them. */
  readonly dots?: boolean;
  /** An upright line there. */
  readonly marked?: number | undefined;
}

/** Lines over iterations, each with a colour of its own. */
export function curveChart(curves: readonly Curve[], { dots = false, marked }: CurveChartOptions = {}): Chart {
  const points = curves.flatMap(({ name, points: own }) => own.map((point) => ({ name, ...point })));
  const x = { field: 'iteration', type: 'quantitative', title: 'iteration', axis: { tickCount: 6 } } as const;
  const names = curves.map(({ name }) => name);
  return {
    width: 440,
    height: 240,
    layer: [
      {
        data: { values: points },
        mark: { type: 'line', strokeWidth: 1.75, point: dots, aria: false },
        encoding: {
          x,
          y: { field: 'value', type: 'quantitative', title: null, axis: { tickCount: 6 } },
          color: {
            field: 'name',
            type: 'nominal',
            title: null,
            sort: names,
            ...(names.length === 1 ? { legend: null } : {}),
          },
        },
      },
      {
        data: { values: marked === undefined ? [] : [{ iteration: marked }] },
        mark: { type: 'rule', stroke: 'currentColor', strokeDash: [4, 4], aria: false },
        encoding: { x },
      },
    ],
  };
}
