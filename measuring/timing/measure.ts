/** Times of several contestants that take turns, and what is said of such times. */
import { cpus } from 'node:os';

export { median, minimum, noise, quantile, ratios, spread } from './statistics.js';

export interface Turns {
  /** Rounds that count. */
  readonly rounds: number;
  /** Rounds before them. */
  readonly warmUp: number;
  /** Ends the turns early; the rounds that are whole by then are kept. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds, from the first turn on, after which no round begins but the first that counts. */
  readonly patience?: number | undefined;
  /** Told of every round that is whole: how many there are now, those of the warm-up among them. */
  readonly onRound?: ((done: number) => void) | undefined;
}

export interface Lap {
  /** Its number among the rounds after the warm-up, repeated ones too. */
  readonly round: number;
  /** Milliseconds, one a contestant. */
  readonly times: readonly number[];
  /** Share of all processors that other processes took meanwhile, 0 to 1. */
  readonly others: number;
}

/** Up to here a round counts as undisturbed. */
const DISTURBED = 0.1;
/** Where undisturbed rounds are rare, so many times the rounds are tried, and the least disturbed ones count. */
const RETRIES = 3;

/**
 * Each contestant once a round, forwards in one round and backwards in the next (A B B A): a slow moment of the machine,
 * or a processor that heats up, meets all of them alike. A round during which other processes kept the processors busy
 * is repeated; its times play no part in that choice.
 * @returns the rounds that count, in their order; fewer than asked for when patience ended, and fewer or none when the signal came.
 * @throws whatever a contestant throws while there was no signal.
 */
export async function takeTurns(
  contestants: readonly (() => unknown)[],
  { rounds, warmUp, signal, patience = Number.POSITIVE_INFINITY, onRound }: Turns,
): Promise<readonly Lap[]> {
  const start = performance.now();
  const isLate = () => performance.now() - start > patience;
  const laps: Lap[] = [];
  const quiet = () => laps.filter(({ others }) => others <= DISTURBED).length;
  for (let round = -warmUp; quiet() < rounds && laps.length < RETRIES * rounds; round++) {
    if (isLate() && laps.length > 0) break;
    const lap = await runLap(contestants, round, signal);
    if (lap === undefined) break;
    onRound?.(round + warmUp + 1);
    if (round >= 0) laps.push(lap);
  }
  const kept = new Set(laps.toSorted((a, b) => a.others - b.others).slice(0, rounds));
  return laps.filter((lap) => kept.has(lap));
}

/** undefined where the signal came before the round was whole. */
async function runLap(
  contestants: readonly (() => unknown)[],
  round: number,
  signal: AbortSignal | undefined,
): Promise<Lap | undefined> {
  const times = new Array<number>(contestants.length).fill(Number.NaN);
  const others = watchOthers();
  const order = [...contestants.entries()];
  const isOver = () => signal?.aborted === true;
  for (const [place, run] of round % 2 === 0 ? order : order.reverse()) {
    if (isOver()) return undefined;
    const start = performance.now();
    try {
      await run();
    } catch (error) {
      // A run that was given up because of the signal is no failure.
      if (isOver()) return undefined;
      throw error;
    }
    times[place] = performance.now() - start;
  }
  return { round, times, others: others() };
}

/** From now until the call of the result: busy time of all processors less that of this process. */
function watchOthers(): () => number {
  const busy = () => cpus().reduce((sum, { times: { user, nice, sys, irq } }) => sum + user + nice + sys + irq, 0);
  const [start, busyBefore, ownBefore] = [performance.now(), busy(), process.cpuUsage()];
  return () => {
    const own = process.cpuUsage(ownBefore);
    const foreign = busy() - busyBefore - (own.user + own.system) / 1000;
    return Math.max(0, foreign) / (cpus().length * (performance.now() - start));
  };
}

/** One contestant's times, round by round. */
export function timesOf(laps: readonly Lap[], contestant: number): readonly number[] {
  return laps.map(({ times }) => times[contestant] ?? Number.NaN);
}

/** The most that other processes took during a round that counts, in percent of the processors. */
export function othersIn(laps: readonly Lap[]): string {
  return `${(100 * mostOthers(laps)).toFixed(0)} %`;
}

/** The same as a share from 0 to 1; 0 for no rounds. */
export function mostOthers(laps: readonly Lap[]): number {
  return Math.max(0, ...laps.map(({ others }) => others));
}
