/** What was measured, as text: aligned columns for a terminal, Markdown for a file. */

import { table } from '../../drawing/text_table.js';
import { engineTitle } from '../networks/engine_title.js';
import type { BenchmarkRecord, Head, Result, Summary } from '../record.js';
import { billions, digits, megabytes, millions, sizeName, withSpread } from './format.js';
import { winnerLines } from './winner.js';

/** Columns of text; the first ones are words, the others figures. */
export interface TextTable {
  readonly heading: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** How many columns from the left hold words. */
  readonly words: number;
}

/** A document of tables and paragraphs, to be written as plain text or as Markdown. */
export interface Report {
  readonly title: string;
  readonly parts: readonly (TextTable | string)[];
}

export function benchmarkReport(record: BenchmarkRecord): Report {
  const { results, comparisons } = record;
  const stages = results.flatMap((result) => (result.stages === undefined ? [] : [{ result, stages: result.stages }]));
  return {
    title: 'Benchmark',
    parts: [
      ...incomplete(record),
      resultTable(results),
      ...(stages.length === 0
        ? []
        : [
            {
              heading: ['network', 'device', 'size', 'batch', 'file', 'prepare', 'network, ms', 'decode'],
              rows: stages.map(({ result, stages: { file, prepare, network, decode } }) => [
                ...subjectCells(result),
                ...[file, prepare, network, decode].map(medianOf),
              ]),
              words: 3,
            },
          ]),
      ...winnerLines(comparisons),
      howTaken(record),
    ],
  };
}

export function resultTable(results: readonly Result[]): TextTable {
  return {
    heading: [
      'network',
      'device',
      'size',
      'batch',
      'ms (middle half)',
      'pictures/s',
      'params M',
      'MACs G',
      'GMACs/s',
      'peak MB',
    ],
    rows: results.map((result) => [
      ...subjectCells(result),
      withSpread(result.milliseconds),
      digits(result.pictures_per_second),
      millions(result.parameters),
      billions(result.macs),
      billions(result.macs_per_second),
      result.memory === undefined ? '–' : megabytes(result.memory.peak_bytes),
    ]),
    words: 3,
  };
}

function subjectCells({ config, part, device, size, batch }: Result): readonly string[] {
  return [`${config}${part === 'backbone' ? ' (backbone)' : ''}`, device, sizeName(size), String(batch)];
}

const medianOf = ({ median }: Summary): string => digits(median);

export function incomplete({ complete }: Head): readonly string[] {
  return complete ? [] : ['Not complete: this is what had been measured when the run ended.'];
}

/** How often, with how many threads, where. */
export function howTaken({ machine, settings, date }: Head): string {
  const { processor, instructions, cores, memory, system, node, onnxruntime, lowformer } = machine;
  const engine = engineTitle(settings.engine, onnxruntime);
  return [
    `Medians of ${settings.rounds} rounds after ${settings.warm_up} to warm up, in turn, forwards and backwards; in brackets`,
    `where the middle half lies. ${settings.threads} threads. ${processor}${instructions === undefined ? '' : ` (${instructions})`}, ${cores} cores, ${memory}, ${system},`,
    `Node ${node}, ${engine}, lowformer ${lowformer}, ${date.slice(0, 10)}.`,
  ].join(' ');
}

export function asText({ parts }: Report): string {
  const texts = parts.map((part) => (typeof part === 'string' ? part : columns(part)));
  return `${texts.join('\n\n')}\n`;
}

function columns({ heading, rows, words }: TextTable): string {
  return table(
    heading,
    rows,
    heading.map((_, i) => (i < words ? 'left' : 'right')),
  );
}

export function asMarkdown({ title, parts }: Report): string {
  const texts = parts.map((part) => (typeof part === 'string' ? part : markdownTable(part)));
  return `# ${title}\n\n${texts.join('\n\n')}\n`;
}

function markdownTable({ heading, rows, words }: TextTable): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = heading.map((_, i) => (i < words ? '---' : '--:'));
  return [line(heading), line(rule), ...rows.map(line)].join('\n');
}
