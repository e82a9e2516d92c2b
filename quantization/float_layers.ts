/** Which layers to leave float, where int8 costs too much. */
import type { LayerCost } from './sensitivity.js';

/** What was tried with some layers left float. */
export interface Tried<Result> {
  readonly float: readonly string[];
  readonly result: Result;
}

/**
 * Leaves the layers that cost most in float until what comes of it will do: 1, 2, 4, 8, … of them, then halfway between
 * the last that would not do and the first that would. That more float layers are never worse is taken for granted.
 * @param costs most costly first.
 * @param attempt makes and measures the network with these layers left float.
 * @returns the fewest layers that will do; undefined where not even leaving all of them float does.
 */
export async function fewestFloatLayers<Result>(
  costs: readonly LayerCost[],
  attempt: (float: readonly string[]) => Promise<Result>,
  willDo: (result: Result) => boolean,
): Promise<Tried<Result> | undefined> {
  const names = costs.map(({ name }) => name);
  const trial = async (count: number): Promise<Tried<Result>> => {
    const float = names.slice(0, count);
    return { float, result: await attempt(float) };
  };
  let [low, high] = [-1, 0];
  let best = await trial(0);
  // One layer at least stays int8: a float network is no quantized one.
  while (!willDo(best.result)) {
    if (high >= names.length - 1) return undefined;
    [low, high] = [high, Math.min(names.length - 1, Math.max(1, 2 * high))];
    best = await trial(high);
  }
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    const tried = await trial(middle);
    if (willDo(tried.result)) [high, best] = [middle, tried];
    else low = middle;
  }
  return best;
}
