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

/** Positions of `scores` by descending score: a radix sort of the 64 bits of each, in memory that is kept. */
export function createScoreSorter(): (scores: Float64Array, length: number) => Uint32Array {
  let keys = new Uint32Array(0);
  let order = new Uint32Array(0);
  let other = new Uint32Array(0);
  const places = new Uint32Array(DIGITS);

  /** By the digit of `keys` at `shift` in the half `half`; into `other`, which becomes `order`. */
  function pass(length: number, half: number, shift: number): void {
    const [words, from, to] = [keys, order, other];
    places.fill(0);
    for (let i = 0; i < length; i++) {
      const digit = ((words[2 * i + half] ?? 0) >>> shift) & (DIGITS - 1);
      places[digit] = (places[digit] ?? 0) + 1;
    }
    let sum = 0;
    for (let digit = 0; digit < DIGITS; digit++) {
      const count = places[digit] ?? 0;
      if (count === length) return;
      places[digit] = sum;
      sum += count;
    }
    for (let i = 0; i < length; i++) {
      const position = from[i] ?? 0;
      const digit = ((words[2 * position + half] ?? 0) >>> shift) & (DIGITS - 1);
      const place = places[digit] ?? 0;
      to[place] = position;
      places[digit] = place + 1;
    }
    [order, other] = [to, from];
  }

  return (scores, length) => {
    if (order.length < length) {
      keys = new Uint32Array(length * 2);
      order = new Uint32Array(length);
      other = new Uint32Array(length);
    }
    const values = new Float64Array(keys.buffer, 0, length);
    for (let i = 0; i < length; i++) {
      order[i] = i;
      // Turns -0 into 0, which it equals.
      values[i] = (scores[i] ?? 0) + 0;
    }
    // Of positive numbers the bits ascend with the number, of negative ones they descend: here both descend.
    for (let i = LOW; i < 2 * length; i += 2) {
      const high = i ^ 1;
      if ((keys[high] ?? 0) >>> 31 === 0) {
        keys[i] = ~(keys[i] ?? 0);
        keys[high] = ~(keys[high] ?? 0) & 0x7fffffff;
      }
    }
    for (let shift = 0; shift < 32; shift += DIGIT_BITS) pass(length, LOW, shift);
    for (let shift = 0; shift < 32; shift += DIGIT_BITS) pass(length, 1 - LOW, shift);
    return order;
  };
}
