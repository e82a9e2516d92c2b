/**
 * Order by score without sorting everything. The order is the one of a stable descending sort: a larger key first,
 * and of equal keys the smaller id. No two ids may be equal, and no key may be NaN; then it is a total order, and
 * what is computed in it does not depend on how entries arrive.
 */
import { splitMix } from '../core/random.js';

/** Which entry parts the others decides how long ordering takes, and nothing else. */
const random = splitMix(0);

/** Sorts the entries `start` up to `end`, in place. O(n log n) expected for every arrangement. */
export function rank(keys: Float32Array, ids: Int32Array, start: number, end: number): void {
  let low = start;
  let high = end - 1;
  while (high - low > 12) {
    const middle = partition(keys, ids, low, high);
    if (middle - low < high - middle) {
      rank(keys, ids, low, middle + 1);
      low = middle + 1;
    } else {
      rank(keys, ids, middle + 1, high + 1);
      high = middle;
    }
  }
  for (let i = low + 1; i <= high; i++) {
    const key = keys[i] ?? 0;
    const id = ids[i] ?? 0;
    let j = i - 1;
    while (j >= low && precedes(key, id, keys[j] ?? 0, ids[j] ?? 0)) {
      keys[j + 1] = keys[j] ?? 0;
      ids[j + 1] = ids[j] ?? 0;
      j--;
    }
    keys[j + 1] = key;
    ids[j + 1] = id;
  }
}

/** Moves the first `top` of `count` entries to the front, the last of them to `top - 1`; the rest is unordered. O(n). */
export function selectTop(keys: Float32Array, ids: Int32Array, count: number, top: number): void {
  const target = top - 1;
  let low = 0;
  let high = count - 1;
  while (high - low > 12) {
    const middle = partition(keys, ids, low, high);
    if (target <= middle) high = middle;
    else low = middle + 1;
  }
  rank(keys, ids, low, high + 1);
}

/** Keeps the best entries of a stream in memory for twice as many. Its buffers serve stream after stream. */
export interface TopCollector {
  /** Starts a stream of which `limit` entries are wanted; `Infinity` keeps all. */
  begin(limit: number): void;
  /** @returns whether the bar rose. */
  offer(key: number, id: number): boolean;
  /** A key below this one has no chance any more; -Infinity at first. */
  bar(): number;
  /** The best entries in order; the views hold until the next `begin`. */
  finish(): { readonly keys: Float32Array; readonly ids: Int32Array };
}

/** A collector with no stream begun. */
export function createTopCollector(): TopCollector {
  let keys = new Float32Array(1024);
  let ids = new Int32Array(1024);
  let limit = 0;
  let count = 0;
  let barKey = Number.NEGATIVE_INFINITY;
  let barId = 0;

  function grow(): void {
    const length = Math.min(keys.length * 2, Math.max(limit * 2, keys.length + 1));
    const [oldKeys, oldIds] = [keys, ids];
    keys = new Float32Array(length);
    ids = new Int32Array(length);
    keys.set(oldKeys);
    ids.set(oldIds);
  }

  return {
    begin(wanted) {
      limit = wanted;
      count = 0;
      barKey = Number.NEGATIVE_INFINITY;
      barId = 0;
    },
    offer(key, id) {
      if (limit <= 0) return false;
      if (barKey !== Number.NEGATIVE_INFINITY && !precedes(key, id, barKey, barId)) return false;
      if (count === keys.length && keys.length < limit * 2) grow();
      keys[count] = key;
      ids[count] = id;
      count++;
      if (count < keys.length || count < limit * 2) return false;
      selectTop(keys, ids, count, limit);
      count = limit;
      barKey = keys[limit - 1] ?? 0;
      barId = ids[limit - 1] ?? 0;
      return true;
    },
    bar: () => barKey,
    finish() {
      if (count > limit) {
        selectTop(keys, ids, count, limit);
        count = limit;
      }
      rank(keys, ids, 0, count);
      return { keys: keys.subarray(0, count), ids: ids.subarray(0, count) };
    },
  };
}

function precedes(key: number, id: number, otherKey: number, otherId: number): boolean {
  return key > otherKey || (key === otherKey && id < otherId);
}

/**
 * Hoare's partition of the entries `low` to `high`, both included: those up to the returned place precede the others.
 * The pivot is drawn at random (from a fixed seed), because the humps of a score map are bad for every fixed choice.
 */
function partition(keys: Float32Array, ids: Int32Array, low: number, high: number): number {
  // Never the last entry: both sides must come out non-empty.
  const pivot = low + Math.floor(random() * (high - low));
  const key = keys[pivot] ?? 0;
  const id = ids[pivot] ?? 0;
  let i = low - 1;
  let j = high + 1;
  for (;;) {
    do i++;
    while (precedes(keys[i] ?? 0, ids[i] ?? 0, key, id));
    do j--;
    while (precedes(key, id, keys[j] ?? 0, ids[j] ?? 0));
    if (i >= j) return j;
    const swappedKey = keys[i] ?? 0;
    const swappedId = ids[i] ?? 0;
    keys[i] = keys[j] ?? 0;
    ids[i] = ids[j] ?? 0;
    keys[j] = swappedKey;
    ids[j] = swappedId;
  }
}
