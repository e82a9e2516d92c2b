/** Orders of the rows of a table: by a small whole number, and by score. Both keep rows that are equal as they came. */

export interface GroupedRows {
  /** Row numbers, group by group. */
  readonly rows: Uint32Array;
  /** Where each group begins in `rows`, and behind the last its end. */
  readonly starts: Uint32Array;
}

/**
 * Counting sort by a key.
 * @param keys by row, below `groups`.
 * @param from the rows to sort, in the order in which equal ones stay; by default all, ascending.
 */
export function groupRows(keys: Uint32Array, length: number, groups: number, from?: Uint32Array): GroupedRows {
  const starts = new Uint32Array(groups + 1);
  for (let row = 0; row < length; row++) {
    const next = (keys[row] ?? 0) + 1;
    starts[next] = (starts[next] ?? 0) + 1;
  }
  for (let group = 0; group < groups; group++) starts[group + 1] = (starts[group + 1] ?? 0) + (starts[group] ?? 0);
  const ends = starts.slice();
  const rows = new Uint32Array(length);
  for (let i = 0; i < length; i++) {
    const row = from === undefined ? i : (from[i] ?? 0);
    const group = keys[row] ?? 0;
    const at = ends[group] ?? 0;
    rows[at] = row;
    ends[group] = at + 1;
  }
  return { rows, starts };
}

const DIGIT_BITS = 11;
const DIGITS = 1 << DIGIT_BITS;
/** Which 32-bit half of a float64 holds its low bits. */
const LOW = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 0 : 1;

/**
 * Positions of `scores` by descending score: a radix sort of the 64 bits of each, in memory that is kept.
 * @param longest how many there are at most.
 */
export function createScoreSorter(longest: number): (scores: Float64Array, length: number) => Uint32Array {
  const keys = new Uint32Array(longest * 2);
  const values = new Float64Array(keys.buffer);
  const places = new Uint32Array(DIGITS);
  let order = new Uint32Array(longest);
  let other = new Uint32Array(longest);
  return (scores, length) => {
    for (let i = 0; i < length; i++) {
      order[i] = i;
      // Turns -0 into 0, which it equals.
      values[i] = (scores[i] ?? 0) + 0;
    }
    descendingKeys(keys, length);
    for (const half of [LOW, 1 - LOW]) {
      for (let shift = 0; shift < 32; shift += DIGIT_BITS) {
        if (!countDigits(keys, half, shift, length, places)) continue;
        moveByDigit(keys, half, shift, order.subarray(0, length), other, places);
        [order, other] = [other, order];
      }
    }
    return order;
  };
}

/** From the bits of numbers to whole numbers of 64 bits that ascend as the numbers descend. */
function descendingKeys(keys: Uint32Array, length: number): void {
  for (let i = LOW; i < 2 * length; i += 2) {
    const high = i ^ 1;
    // Of positive numbers the bits ascend with the number, of negative ones they descend already.
    if ((keys[high] ?? 0) >>> 31 === 0) {
      keys[i] = ~(keys[i] ?? 0);
      keys[high] = ~(keys[high] ?? 0) & 0x7fffffff;
    }
  }
}

/** Where the keys of each digit begin, in `places`; false where all have the same. */
function countDigits(keys: Uint32Array, half: number, shift: number, length: number, places: Uint32Array): boolean {
  places.fill(0);
  for (let i = half; i < 2 * length; i += 2) {
    const digit = ((keys[i] ?? 0) >>> shift) & (DIGITS - 1);
    places[digit] = (places[digit] ?? 0) + 1;
  }
  let sum = 0;
  for (let digit = 0; digit < DIGITS; digit++) {
    const count = places[digit] ?? 0;
    if (count === length) return false;
    places[digit] = sum;
    sum += count;
  }
  return true;
}

function moveByDigit(
  keys: Uint32Array,
  half: number,
  shift: number,
  from: Uint32Array,
  to: Uint32Array,
  places: Uint32Array,
): void {
  for (let i = 0; i < from.length; i++) {
    const position = from[i] ?? 0;
    const digit = ((keys[2 * position + half] ?? 0) >>> shift) & (DIGITS - 1);
    const place = places[digit] ?? 0;
    to[place] = position;
    places[digit] = place + 1;
  }
}
