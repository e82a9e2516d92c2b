/** The comparison of layers as tables and heat maps. */
import type { Chart } from '../../drawing/chart.js';
import { digits } from '../presentation/format.js';
import { howTaken, incomplete, type Report, type TextTable } from '../presentation/tables.js';
import type { BlockCell, BlockComparisonRecord, BlocksRecord } from './record.js';

export function blocksReport(record: BlocksRecord): Report {
  return {
    title: 'Layers: time beside MACs',
    parts: [
      ...incomplete(record),
      'Each cell: time of the first to the second / MACs of the first to the second. Below 1 the first is the faster one; ~ stands where the rounds do not agree.',
      ...record.comparisons.flatMap((comparison) => [
        `${comparison.title} (${comparison.first} / ${comparison.second})`,
        cellTable(comparison),
        comparison.finding,
      ]),
      'A choice pays where it takes less time: where the middle half of the ratios and the sign test over the rounds say so.',
      howTaken(record),
    ],
  };
}

function cellTable({ cells }: BlockComparisonRecord): TextTable {
  const sides = [...new Set(cells.map(({ side }) => side))];
  const widths = [...new Set(cells.map(({ channels }) => channels))];
  return {
    heading: ['channels', ...sides.map((side) => `${side}x${side}`)],
    rows: widths.map((channels) => [
      String(channels),
      ...sides.map((side) => cellText(cells.find((cell) => cell.channels === channels && cell.side === side))),
    ]),
    words: 1,
  };
}

function cellText(cell: BlockCell | undefined): string {
  if (cell === undefined) return '–';
  const unclear = cell.verdict === 'unclear' ? '~' : '';
  return `${unclear}${digits(cell.ratio)} / ${digits(cell.first.macs / cell.second.macs)}`;
}

/** A row a comparison: time of the first to the second, and MACs a second likewise. undefined where nothing was measured. */
export function blocksChart({ comparisons }: BlocksRecord): Chart | undefined {
  const measured = comparisons.filter(({ cells }) => cells.length > 0);
  if (measured.length === 0) return undefined;
  return {
    vconcat: measured.map((comparison) => ({
      title: { text: comparison.title, anchor: 'start' },
      hconcat: [
        heatMap(comparison, `time, ${comparison.first} / ${comparison.second}`, 'bluefirst', ({ ratio }) => ratio),
        heatMap(
          comparison,
          `MACs a second, ${comparison.first} / ${comparison.second}`,
          'redfirst',
          ({ first, second }) => first.macs_per_second / second.macs_per_second,
        ),
      ],
      resolve: { scale: { color: 'independent' } },
    })),
    resolve: { scale: { color: 'independent' } },
  };
}

/** Blue is what speaks for the first, red what speaks for the second. */
function heatMap(
  { cells }: BlockComparisonRecord,
  title: string,
  colours: 'bluefirst' | 'redfirst',
  figure: (cell: BlockCell) => number,
) {
  const values = cells.map((cell) => {
    const value = figure(cell);
    const label = `${cell.verdict === 'unclear' ? '~' : ''}${digits(value)}`;
    return { map: `${cell.side}x${cell.side}`, channels: cell.channels, value, label };
  });
  const x = { field: 'map', type: 'ordinal', sort: null, title: 'map', axis: { labelAngle: 0 } } as const;
  const y = { field: 'channels', type: 'ordinal', title: 'channels' } as const;
  const range = ['#3b6fb6', '#f2f2f2', '#c8553d'];
  const scale = {
    type: 'log' as const,
    domain: [0.25, 1, 4],
    range: colours === 'bluefirst' ? range : range.toReversed(),
    clamp: true,
  };
  return {
    title: { text: title, fontSize: 11, fontWeight: 'normal' },
    width: { step: 62 },
    height: { step: 26 },
    data: { values },
    layer: [
      {
        mark: { type: 'rect' },
        encoding: { x, y, color: { field: 'value', type: 'quantitative', scale, legend: null } },
      },
      { mark: { type: 'text', fontSize: 11 }, encoding: { x, y, text: { field: 'label', type: 'nominal' } } },
    ],
  } satisfies Chart;
}
