/** Figures of two runs beside one another, for any metric. */
import type { Difference } from '../evaluation/bootstrap.js';
import { differenceChart, renderChart } from './page/charts.js';
import { figure } from './page/html.js';
import { htmlTable, number, signed } from './page/html_table.js';

/** More bars do not fit on a screen. */
const BARS = 24;

export interface NamedDifference extends Difference {
  readonly name: string;
  /** Further cells of its row. */
  readonly cells?: readonly string[];
}

const VERDICTS = {
  better: 'better',
  worse: 'worse',
  same: 'the same',
  unclear: 'not clear',
  few: 'too few pictures',
} as const satisfies Record<Difference['verdict'], string>;

/** @param heads of the further cells. */
export function differenceTable(
  caption: string,
  what: string,
  rows: readonly NamedDifference[],
  heads: readonly string[] = [],
): string {
  return htmlTable(
    caption,
    [what, 'this run', 'the other', 'difference', '95 % interval', '', ...heads],
    rows.map(({ name, ours, against, difference, interval, verdict, cells = [] }) => [
      name,
      number(ours),
      number(against),
      signed(difference),
      interval === null ? '–' : `${signed(interval[0])} to ${signed(interval[1])}`,
      VERDICTS[verdict],
      ...cells,
    ]),
  );
}

/** The greatest losses and gains, losses first. */
export async function differenceFigure(rows: readonly NamedDifference[], title: string): Promise<string> {
  const known = rows
    .flatMap((row) => (row.difference === null ? [] : [{ ...row, difference: row.difference }]))
    .sort((a, b) => a.difference - b.difference);
  if (known.length === 0) return '';
  const half = BARS / 2;
  const shown = known.length <= BARS ? known : [...known.slice(0, half), ...known.slice(-half)];
  const caption =
    known.length <= BARS
      ? `${title}, what got worse first; lines: 95 % intervals`
      : `${title}: the ${half} greatest losses and gains; lines: 95 % intervals`;
  return figure(await renderChart(differenceChart(shown, 'difference')), caption);
}

/** `; AP +0.0102 (-0.0010 to +0.0214) against the other run`, for a terminal; nothing where nothing is compared. */
export function differenceHeadline(name: string, compared: Difference | undefined): string {
  const { difference, interval } = compared ?? { difference: null, interval: null };
  if (difference === null) return '';
  const range = interval === null ? '' : ` (${signed(interval[0])} to ${signed(interval[1])})`;
  return `; ${name} ${signed(difference)}${range} against the other run`.replaceAll('−', '-');
}

/** What the intervals are, and what they are not. */
export function howCompared(resamples: number, seed: number): string {
  return `Difference: this run less the other. Intervals: percentile bootstrap over pictures, ${resamples.toLocaleString('en')} resamples, the same for both runs (seed ${seed}). Better and worse: the interval leaves 0 out; one in twenty classes that do not differ is called so by chance. Intervals say how far the difference would move with other pictures of this kind, not with another training.`;
}
