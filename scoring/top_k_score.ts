/** What top-k accuracy is told as. */
import { table } from '../drawing/text_table.js';
import type { TopKResult } from '../evaluation/top_k.js';
import { fraction, type Report } from './report.js';

/** Fractions of 1; null before the first picture. */
export function topKReport({ pictures, top }: TopKResult): Report {
  const figures = Object.fromEntries(top.map(({ k, accuracy }) => [`top${k}`, accuracy]));
  const rows = top.map(({ k, correct, accuracy }) => [`top-${k}`, fraction(accuracy), `${correct}`]);
  const headline = top.map(({ k, accuracy }) => `top-${k} ${fraction(accuracy)}`).join(', ');
  return {
    record: { ...figures, pictures },
    text: `${pictures} pictures\n\n${table(['figure', 'value', 'right'], rows, ['left', 'right', 'right'])}`,
    headline,
  };
}
