/** Times of several contestants that take turns, and what is said of such times. */
import { cpus } from 'node:os';

export interface Turns {
  /** Rounds that count. */
  readonly rounds: number;
  /** Rounds before them. */
  readonly warmUp: number;
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
const PATIENCE = 3;

/**
 * Each contestant once a round, forwards in one round and backwards in the next (A B B A): a slow moment of the machine,
 * or a processor that heats up, meets all of them alike. A round during which other processes kept the processors busy
 * is repeated; its times play no part in that choice.
 */
export async function takeTurns(
  contestants: readonly (() => unknown)[],
  { rounds, warmUp }: Turns,
): Promise<readonly Lap[]> {
  const laps: Lap[] = [];
  const quiet = () => laps.filter(({ others }) => others <= DISTURBED).length;
  for (let round = -warmUp; quiet() < rounds && laps.length < PATIENCE * rounds; round++) {
    const lap = await runLap(contestants, round);
    if (round >= 0) laps.push(lap);
  }
  const kept = new Set(laps.toSorted((a, b) => a.others - b.others).slice(0, rounds));
  return laps.filter((lap) => kept.has(lap));
}

async function runLap(contestants: readonly (() => unknown)[], round: number): Promise<Lap> {
  const times = new Array<number>(contestants.length).fill(Number.NaN);
  const others = watchOthers();
  const order = [...contestants.entries()];
  for (const [place, run] of round % 2 === 0 ? order : order.reverse()) {
    const start = performance.now();
    await run();
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
  return `${(100 * Math.max(...laps.map(({ others }) => others))).toFixed(0)} %`;
}

/** The value below which a share of the values lies, linear between neighbours; NaN for none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const [below = Number.NaN, above = below] = sorted.slice(Math.floor(place), Math.floor(place) + 2);
  return below + (above - below) * (place - Math.floor(place));
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);
export const minimum = (values: readonly number[]): number => quantile(values, 0);

/** How unsteady times were: the width of their middle half as a share of the median, in percent. */
export function spread(values: readonly number[]): string {
  const width = (quantile(values, 0.75) - quantile(values, 0.25)) / median(values);
  return `${(100 * width).toFixed(1)} %`;
}

/** a[i] / b[i]. */
export function ratios(a: readonly number[], b: readonly number[]): readonly number[] {
  return a.map((time, i) => time / (b[i] ?? Number.NaN));
}

/** The same numbers in every run: uniform in [low, high), a linear congruential generator (Numerical Recipes). */
export function noise(low: number, high: number, seed = 1): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return low + ((high - low) * state) / 2 ** 32;
  };
}
