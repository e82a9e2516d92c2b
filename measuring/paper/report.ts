/** The paper's comparison as tables and as a plot. */
import type { Chart } from '../../drawing/chart.js';
import { digits, ratioText } from '../presentation/format.js';
import { howTaken, incomplete, type Report, resultTable } from '../presentation/tables.js';
import type { PairRecord, PaperRecord, RatioRecord } from './record.js';

const DIRECTIONS = { same: 'the same way', opposite: 'the other way', unclear: 'cannot be told' } as const;

/** Each published ratio beside the measured one, then every network's figures. */
export function paperReport(record: PaperRecord): Report {
  return {
    title: 'The comparison of the LowFormer paper, measured here',
    parts: [
      ...incomplete(record),
      ...record.differences,
      {
        heading: [
          'LowFormer',
          'against',
          'quantity',
          'published on',
          'here',
          'published',
          'batch',
          'measured (middle half)',
        ],
        rows: record.pairs.flatMap((pair) => pair.ratios.map((ratio) => ratioCells(pair, ratio))),
        words: 5,
      },
      'Ratios are LowFormer to the other: throughput above 1 and latency below 1 speak for LowFormer.',
      resultTable(record.results),
      {
        heading: ['network', 'source', 'top-1 %', 'at', 'params M', 'MACs G'],
        rows: record.published.map(({ name, source, top1, side, parameters, macs }) => [
          name,
          source,
          top1.toFixed(1),
          String(side),
          digits(parameters),
          digits(macs / 1000),
        ]),
        words: 2,
      },
      'The last table is published, not measured. Parameters and MACs above are counted on the network that runs: branches fused, norms folded.',
      howTaken(record),
    ],
  };
}

function ratioCells(
  { first, second, sides: [side, otherSide], part }: PairRecord,
  { quantity, published, measured, batch, direction }: RatioRecord,
) {
  return [
    `${first}${part === 'backbone' ? ' (backbone)' : ''}`,
    side === otherSide ? second : `${second} at ${otherSide}x${otherSide}`,
    quantity,
    published?.device ?? '–',
    direction === null ? '–' : DIRECTIONS[direction],
    published === null ? '–' : digits(published.ratio),
    String(batch),
    ratioText(measured),
  ];
}

/** Latency at batch 1 (logarithmic) against published top-1, one line a family. undefined where nothing was measured. */
export function paperChart({ results, published, device }: PaperRecord): Chart | undefined {
  const values = published.flatMap(({ config, name, family, top1, side }) => {
    const found = results.find(
      (result) =>
        result.config === config && result.part === 'whole' && result.batch === 1 && result.size.height === side,
    );
    if (found === undefined) return [];
    const { median, q25, q75 } = found.milliseconds;
    return [{ name, variant: name.slice(family.length + 1), family, top1, median, q25, q75 }];
  });
  if (values.length === 0) return undefined;
  const scale = { type: 'log', nice: false, padding: 30 } as const;
  const x = (field: string) =>
    ({ field, type: 'quantitative', scale, title: `milliseconds a picture on ${device}, batch 1` }) as const;
  const y = { field: 'top1', type: 'quantitative', scale: { zero: false }, title: 'published top-1, %' } as const;
  const color = { field: 'family', type: 'nominal', title: null, scale: { scheme: 'dark2' } } as const;
  return {
    data: { values },
    width: 620,
    height: 420,
    layer: [
      { mark: { type: 'line', strokeWidth: 1.5 }, encoding: { x: x('median'), y, color, order: { field: 'top1' } } },
      { mark: { type: 'rule' }, encoding: { x: x('q25'), x2: { field: 'q75' }, y, color } },
      { mark: { type: 'point', filled: true, size: 70 }, encoding: { x: x('median'), y, color } },
      {
        mark: { type: 'text', dy: -10, fontSize: 11 },
        encoding: { x: x('median'), y, color, text: { field: 'variant', type: 'nominal' } },
      },
    ],
  };
}
