/** Charts as SVG, by Vega-Lite. Ink is the page's own colour, so that a chart is readable on light and on dark. */
import { type Chart, drawChart } from '../../drawing/chart.js';

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
  legend: {
    labelColor: 'currentColor',
    titleColor: 'currentColor',
    titleFontWeight: 'normal',
    orient: 'bottom',
    columns: 4,
  },
  view: { stroke: null },
} as const satisfies Chart['config'];

export function renderChart(chart: Chart): Promise<string> {
  return drawChart(chart, CONFIG, (view) => view.toSVG());
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

/** Up to ten curves have a colour each; more are a band that holds the middle half of them. Dashed: the mean of all. */
export function precisionRecallChart(curves: readonly NamedCurve[]): Chart {
  const few = curves.length <= 10;
  const points = curves.flatMap(({ name, precision }) =>
    precision.map((value, i) => ({ name, recall: i / 100, precision: value })),
  );
  const summary = Array.from({ length: 101 }, (_, i) => {
    const values = curves.map(({ precision }) => precision[i] ?? 0).sort((a, b) => a - b);
    const at = (share: number) => values[Math.round(share * (values.length - 1))] ?? 0;
    const sum = values.reduce((total, value) => total + value, 0);
    return { recall: i / 100, precision: sum / Math.max(1, values.length), low: at(0.25), high: at(0.75) };
  });
  const x = { field: 'recall', type: 'quantitative', scale: FRACTION, title: 'recall' } as const;
  const y = { field: 'precision', type: 'quantitative', scale: FRACTION, title: 'precision' } as const;
  return {
    width: 380,
    height: 300,
    layer: [
      few
        ? {
            data: { values: points },
            mark: { type: 'line', strokeWidth: 2, aria: false },
            encoding: {
              x,
              y,
              color: { field: 'name', type: 'nominal', title: null, sort: curves.map(({ name }) => name) },
            },
          }
        : {
            data: { values: summary },
            mark: { type: 'area', color: BLUE, opacity: 0.3, aria: false },
            encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' } },
          },
      {
        data: { values: summary },
        mark: { type: 'line', strokeWidth: 2.5, strokeDash: [6, 3], stroke: 'currentColor', aria: false },
        encoding: { x, y },
      },
    ],
  };
}

/** One line of a chart over the threshold, by threshold 0, 0.01, … 1; null leaves a gap. */
export interface ThresholdLine {
  readonly name: string;
  readonly values: readonly (number | null)[];
}

/** Lines over the threshold; with `best`, an upright line there. Up to ten lines. */
export function thresholdChart(
  lines: readonly ThresholdLine[],
  { title, best, width = 380, height = 300 }: ThresholdChartOptions,
): Chart {
  const points = lines.flatMap(({ name, values }) =>
    values.flatMap((value, i) => (value === null ? [] : [{ name, threshold: i / 100, value }])),
  );
  const x = { field: 'threshold', type: 'quantitative', scale: FRACTION, title: 'score from' } as const;
  return {
    width,
    height,
    layer: [
      {
        data: { values: points },
        mark: { type: 'line', strokeWidth: 2, aria: false },
        encoding: {
          x,
          y: { field: 'value', type: 'quantitative', scale: FRACTION, title },
          color: { field: 'name', type: 'nominal', title: null, sort: lines.map(({ name }) => name) },
        },
      },
      {
        data: { values: best === undefined ? [] : [{ threshold: best }] },
        mark: { type: 'rule', stroke: 'currentColor', strokeDash: [4, 4], aria: false },
        encoding: { x },
      },
    ],
  };
}

export interface ThresholdChartOptions {
  /** Of the upright axis; null for none. */
  readonly title: string | null;
  readonly best?: number | undefined;
  readonly width?: number;
  readonly height?: number;
}

export interface DifferenceBar {
  readonly name: string;
  readonly difference: number;
  readonly interval: readonly [number, number] | null;
  readonly verdict: string;
}

/** Differences with their intervals as lines, in the order given; what is clear in colour. */
export function differenceChart(bars: readonly DifferenceBar[], title: string): Chart {
  const values = bars.map(({ name, difference, interval, verdict }) => ({
    name,
    difference,
    low: interval?.[0] ?? difference,
    high: interval?.[1] ?? difference,
    kind: verdict === 'better' || verdict === 'worse' ? verdict : 'not clear',
  }));
  const y = { field: 'name', type: 'nominal', title: null, sort: null, axis: { labelLimit: 220 } } as const;
  const color = {
    field: 'kind',
    type: 'nominal',
    title: null,
    scale: { domain: ['better', 'worse', 'not clear'], range: [RIGHT, WRONG, '#8a939e'] },
  } as const;
  return {
    width: 420,
    height: { step: 22 },
    data: { values },
    layer: [
      {
        mark: { type: 'rule', strokeWidth: 2, aria: false },
        encoding: {
          x: { field: 'low', type: 'quantitative', title, axis: { tickCount: 6 } },
          x2: { field: 'high' },
          y,
          color,
        },
      },
      {
        mark: { type: 'point', filled: true, size: 60, opacity: 1, aria: false },
        encoding: { x: { field: 'difference', type: 'quantitative' }, y, color },
      },
      {
        data: { values: [{ zero: 0 }] },
        mark: { type: 'rule', stroke: 'currentColor', strokeDash: [4, 4], aria: false },
        encoding: { x: { field: 'zero', type: 'quantitative' } },
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
