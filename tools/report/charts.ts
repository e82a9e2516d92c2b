/** Charts as SVG, by Vega-Lite. Ink is the page's own colour, so that a chart is readable on light and on dark. */
import type { TopLevelSpec } from 'vega-lite';

export type Chart = TopLevelSpec;

const CONFIG = {
  background: 'transparent',
  font: 'system-ui, sans-serif',
  // Labels are measured with other fonts than the reader's: room for wider ones.
  padding: { left: 30, right: 40, top: 8, bottom: 5 },
  axis: {
    labelColor: 'currentColor',
    titleColor: 'currentColor',
    domainColor: 'currentColor',
    tickColor: 'currentColor',
    gridColor: 'currentColor',
    gridOpacity: 0.15,
    titleFontWeight: 'normal',
  },
  legend: { labelColor: 'currentColor', titleColor: 'currentColor', titleFontWeight: 'normal', symbolLimit: 40 },
  view: { stroke: null },
} as const satisfies TopLevelSpec['config'];

/** Vega takes a moment to load, and only reports need it. */
export async function renderChart(chart: Chart): Promise<string> {
  const [vega, { compile }] = await Promise.all([import('vega'), import('vega-lite')]);
  const { spec } = compile({ ...chart, config: CONFIG });
  const view = new vega.View(vega.parse(spec), { renderer: 'none', logLevel: vega.Error });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

const RIGHT = '#2a8f5a';
const WRONG = '#d2612a';
const BLUE = '#2f7fd1';

const FRACTION = { domain: [0, 1] };

export interface NamedCurve {
  readonly name: string;
  /** By recall 0, 0.01, … 1. */
  readonly precision: readonly number[];
}

/** Up to ten curves have a colour each; more are drawn alike, below the mean of all. */
export function precisionRecallChart(curves: readonly NamedCurve[]): Chart {
  const few = curves.length <= 10;
  const pointsOf = (list: readonly NamedCurve[]) =>
    list.flatMap(({ name, precision }) => precision.map((value, i) => ({ name, recall: i / 100, precision: value })));
  const mean = Array.from({ length: 101 }, (_, i) => ({
    recall: i / 100,
    precision: curves.reduce((sum, { precision }) => sum + (precision[i] ?? 0), 0) / Math.max(1, curves.length),
  }));
  const x = { field: 'recall', type: 'quantitative', scale: FRACTION, title: 'recall' } as const;
  const y = { field: 'precision', type: 'quantitative', scale: FRACTION, title: 'precision' } as const;
  return {
    width: 380,
    height: 300,
    layer: [
      {
        data: { values: pointsOf(curves) },
        mark: { type: 'line', strokeWidth: few ? 2 : 1, opacity: few ? 1 : 0.35, aria: false },
        encoding: few
          ? { x, y, color: { field: 'name', type: 'nominal', title: null, sort: curves.map(({ name }) => name) } }
          : { x, y, detail: { field: 'name', type: 'nominal' }, color: { value: BLUE } },
      },
      {
        data: { values: mean },
        mark: { type: 'line', strokeWidth: 2.5, strokeDash: [6, 3], stroke: 'currentColor', aria: false },
        encoding: { x, y },
      },
    ],
  };
}

export interface Bar {
  readonly name: string;
  readonly value: number;
}

/** Bars from the left, in the order given. */
export function barChart(bars: readonly Bar[], title: string, domain?: readonly [number, number]): Chart {
  const scale = domain === undefined ? {} : { scale: { domain: [...domain] } };
  return {
    width: 420,
    height: { step: 22 },
    data: { values: [...bars] },
    mark: { type: 'bar', color: BLUE, aria: false },
    encoding: {
      x: { field: 'value', type: 'quantitative', title, axis: { tickCount: 6 }, ...scale },
      y: { field: 'name', type: 'nominal', title: null, sort: null, axis: { labelLimit: 220 } },
    },
  };
}

export interface RangeCounts {
  readonly from: number;
  readonly to: number;
  readonly right: number;
  readonly wrong: number;
}

/** Counts on a root scale: wrong detections of low score are thousands. */
export function histogramChart(bins: readonly RangeCounts[], width = 420, height = 220): Chart {
  const values = bins.flatMap(({ from, to, right, wrong }) => [
    { from, to, low: 0, high: right, kind: 'right' },
    { from, to, low: right, high: right + wrong, kind: 'wrong' },
  ]);
  return {
    width,
    height,
    data: { values },
    mark: { type: 'bar', aria: false },
    encoding: {
      x: { field: 'from', type: 'quantitative', scale: FRACTION, title: 'score' },
      x2: { field: 'to' },
      y: { field: 'low', type: 'quantitative', scale: { type: 'sqrt' }, title: 'detections (root scale)' },
      y2: { field: 'high' },
      color: {
        field: 'kind',
        type: 'nominal',
        title: null,
        scale: { domain: ['right', 'wrong'], range: [RIGHT, WRONG] },
      },
    },
  };
}

export interface ReliabilityPoint {
  readonly from: number;
  readonly to: number;
  readonly meanScore: number;
  readonly precision: number;
}

/** Bars of the precision found, over the line where it equals the score. */
export function reliabilityChart(bins: readonly ReliabilityPoint[]): Chart {
  return {
    width: 300,
    height: 300,
    layer: [
      {
        data: { values: bins.map((bin) => ({ ...bin, zero: 0 })) },
        mark: { type: 'bar', color: BLUE, opacity: 0.8, aria: false },
        encoding: {
          x: { field: 'from', type: 'quantitative', scale: FRACTION, title: 'score' },
          x2: { field: 'to' },
          y: { field: 'zero', type: 'quantitative', scale: FRACTION, title: 'share that is right' },
          y2: { field: 'precision' },
        },
      },
      {
        data: {
          values: [
            { score: 0, share: 0 },
            { score: 1, share: 1 },
          ],
        },
        mark: { type: 'line', stroke: 'currentColor', strokeDash: [4, 4], strokeWidth: 1, aria: false },
        encoding: {
          x: { field: 'score', type: 'quantitative' },
          y: { field: 'share', type: 'quantitative' },
        },
      },
    ],
  };
}

/** Squares whose depth is the share of their row: for more classes than a table can show. */
export function matrixChart(names: readonly string[], counts: readonly (readonly number[])[]): Chart {
  const values = counts.flatMap((row, i) => {
    const sum = row.reduce((total, count) => total + count, 0);
    return row.flatMap((count, j) => (count === 0 ? [] : [{ is: names[i], taken: names[j], share: count / sum }]));
  });
  const step = names.length > 40 ? 11 : 16;
  const axis = { labelFontSize: step - 2, labelLimit: 120 };
  return {
    width: { step },
    height: { step },
    data: { values },
    mark: { type: 'rect', color: BLUE, aria: false },
    encoding: {
      x: { field: 'taken', type: 'nominal', title: 'taken for', scale: { domain: [...names] }, axis },
      y: { field: 'is', type: 'nominal', title: 'is', scale: { domain: [...names] }, axis },
      opacity: {
        field: 'share',
        type: 'quantitative',
        scale: { domain: [0, 1], range: [0.08, 1] },
        title: 'share of row',
      },
    },
  };
}
