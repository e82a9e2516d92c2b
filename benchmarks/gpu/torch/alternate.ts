/** Contestants that time themselves, in turn. */

export interface Rounds {
  readonly rounds: number;
  readonly warmUp: number;
  readonly signal: AbortSignal;
}

/**
 * Each once a round, forwards in one round and backwards in the next (A B B A).
 * @returns what each has said of its runs, round by round, without those of the warm-up.
 * @throws the signal's reason; whatever a contestant throws.
 */
export async function alternate(
  contestants: readonly (() => Promise<number>)[],
  { rounds, warmUp, signal }: Rounds,
): Promise<readonly (readonly number[])[]> {
  const times = contestants.map((): number[] => []);
  for (let round = -warmUp; round < rounds; round++) {
    const order = [...contestants.entries()];
    for (const [i, run] of round % 2 === 0 ? order : order.reverse()) {
      signal.throwIfAborted();
      const time = await run();
      if (round >= 0) times[i]?.push(time);
    }
  }
  return times;
}
