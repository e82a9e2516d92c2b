/** What a benchmark found, as a table for people and as JSON for machines. */
import { z } from 'zod';
import type { Machine } from '../measuring/machine.js';

const cellSchema = z.union([z.string(), z.number(), z.undefined()]);
export type Cell = z.output<typeof cellSchema>;

export const reportSchema = z.object({
  title: z.string(),
  /** What was done and how often, in a sentence or two. */
  how: z.string(),
  /** The headings are the keys of the first row. */
  rows: z.array(z.record(z.string(), cellSchema)).readonly(),
});
export type Report = z.output<typeof reportSchema>;

/** The bar of a row, and whether a figure kept it. */
export function bar(figure: number, limit: number | undefined): { readonly bar: Cell; readonly kept: Cell } {
  return { bar: limit ?? '', kept: limit === undefined ? '' : figure <= limit ? 'yes' : 'no' };
}

/** The machine's name as a heading, and what it is, a line each. */
export function machineText(machine: Machine): string {
  const lines = Object.entries(machine).map(([key, value]) => `- ${key}: ${value}`);
  return `# ${machine.processor}, ${machine.cores} cores\n${lines.join('\n')}\n`;
}

/** A heading, the sentence, and a table in Markdown, its columns padded so that it can be read in a terminal too. */
export function markdown({ title, how, rows }: Report): string {
  const headings = Object.keys(rows[0] ?? {});
  const cells = rows.map((row) => headings.map((heading) => text(row[heading])));
  const widths = headings.map((heading, i) => Math.max(heading.length, ...cells.map((line) => line[i]?.length ?? 0)));
  const numeric = headings.map((heading) => rows.every((row) => typeof row[heading] !== 'string'));
  const line = (values: readonly string[]) =>
    `| ${values.map((value, i) => (numeric[i] ? value.padStart(widths[i] ?? 0) : value.padEnd(widths[i] ?? 0))).join(' | ')} |`;
  const rule = widths.map((width, i) => (numeric[i] ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)));
  return [`### ${title}`, how, '', line(headings), line(rule), ...cells.map(line), ''].join('\n');
}

function text(cell: Cell): string {
  if (typeof cell !== 'number') return cell ?? '';
  if (Number.isInteger(cell)) return String(cell);
  const size = Math.abs(cell);
  if (size < 1e-3) return cell.toExponential(1);
  return cell.toFixed(size < 3 ? 3 : size < 10 ? 2 : 1);
}
