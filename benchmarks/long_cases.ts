/** Benchmarks that take minutes, case by case: they say how far they are, end in time, and keep what they have when interrupted. */
import { interruption, listening } from '../files/interruption.js';
import type { Turns } from '../measuring/timing/measure.js';
import type { Cell } from './report.js';

type Row = Readonly<Record<string, Cell>>;

export interface LongCase {
  readonly name: string;
  /** @returns the case's rows; none where the turns ended before a round was whole. */
  measure(turns: Pick<Turns, 'signal' | 'patience' | 'onRound'>): Promise<readonly Row[]>;
}

/**
 * The rows of all cases; after a signal (Ctrl-C) those that were measured by then.
 * @param seconds that the rounds of all cases together may take; each has its part.
 * @param rounds of a case, those of the warm-up among them: what it says of its way.
 */
export function rowsOfCases(
  cases: readonly LongCase[],
  { seconds, rounds }: { readonly seconds: number; readonly rounds: number },
): Promise<readonly Row[]> {
  const { signal } = interruption;
  return listening(async () => {
    const rows: Row[] = [];
    for (const { name, measure } of cases) {
      if (signal.aborted) break;
      process.stderr.write(`${name}\n`);
      const onRound = (done: number) => void process.stderr.write(`${name}: round ${done}, ${rounds} wanted\n`);
      rows.push(...(await measure({ signal, patience: (1000 * seconds) / cases.length, onRound })));
    }
    return rows;
  });
}

/** Said of a table after a signal. */
export function interruptedText(): string {
  return interruption.signal.aborted ? ' Interrupted: what is missing was not reached.' : '';
}
