/** The short table at the end of a run; every figure is in the JSON. */
import { table } from '../../drawing/text_table.js';
import type { Row, RunRecord } from './record.js';

const WIDTH = 120;

/** A line for each network that was timed, then one for each step. */
export function runTable(record: RunRecord): string {
  const { card, vulkan, date, steps, complete } = record;
  const where =
    card === undefined ? 'no NVIDIA driver answers' : `${card.name}, driver ${card.driver}, ${card.memory ?? '?'} MiB`;
  const lines = steps.map(({ name, outcome, seconds, rows, reason = '' }) => [
    name,
    outcome,
    seconds.toFixed(1),
    `${rows.length}${wrongIn(rows)}`,
    reason,
  ]);
  return [
    ...speeds(record),
    `${where}. Vulkan: ${vulkan}. ${date}${complete ? '' : ' (not complete)'}`,
    table(['step', 'outcome', 'seconds', 'rows', 'why'], lines, [], WIDTH),
  ].join('\n\n');
}

function wrongIn(rows: readonly Row[]): string {
  const wrong = rows.filter((row) => row.agrees === false).length;
  return wrong === 0 ? '' : `, ${wrong} NOT AS THEY SHOULD BE`;
}

/** Latency of one picture and the most pictures a second, network by network. */
function speeds({ steps }: RunRecord): readonly string[] {
  const timed = steps.filter(({ name, rows }) => name.startsWith('pairs ') && rows.some((row) => row.milliseconds));
  const networks = [...new Set(timed.flatMap(({ rows }) => rows.flatMap(({ network }) => network ?? [])))];
  if (networks.length === 0) return [];
  const heading = timed.flatMap(({ name }) => [`${name.replace('pairs ', '')} ms`, 'most pictures/s']);
  const lines = networks.map((network) => [
    String(network).replace(/^.*\//, ''),
    ...timed.flatMap(({ rows }) => {
      const own = rows.filter((row) => row.network === network && typeof row.milliseconds === 'number');
      const most = Math.max(...own.map((row) => Number(row['pictures/s'])));
      return [cell(own.find(({ batch }) => batch === 1)?.milliseconds), own.length === 0 ? '–' : cell(most)];
    }),
  ]);
  return [table(['network', ...heading], lines, ['left', ...heading.map(() => 'right' as const)], WIDTH)];
}

function cell(value: Row[string] | undefined): string {
  return typeof value === 'number' ? String(Number(value.toPrecision(3))) : '–';
}
