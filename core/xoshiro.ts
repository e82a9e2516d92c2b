/**
 * A generator of random numbers whose state can be kept: xoshiro128** 1.1 (Blackman and Vigna, ACM TOMS 47, 2021;
 * arXiv 1805.01407), seeded by SplitMix's 32-bit form as its authors advise.
 */
import { LowformerError } from './errors.js';

/** Four 32-bit integers, not all of them 0. */
export type XoshiroState = readonly [number, number, number, number];

/** Draws numbers, each call the next ones. */
export interface RandomDraws {
  /** 0 to 1, 1 excluded, with 53 random bits. */
  real(): number;
  /** `low` to `high`, as NumPy's `uniform`. */
  uniform(low: number, high: number): number;
  /** A whole number from `low` up to, but not including, `high`: as NumPy's `randint`. */
  integer(low: number, high: number): number;
  /** From here on it draws the same again. */
  state(): XoshiroState;
}

/**
 * One sequence for each list of numbers: a run's seed, and what tells one place of the run from all others.
 * @param seeds whole numbers; of each the lower 53 bits count.
 */
export function xoshiro(...seeds: readonly number[]): RandomDraws {
  const words = seeds.flatMap((seed) => [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0]);
  let mixed = 0x9e3779b9;
  for (const word of words) mixed = splitMixed((mixed ^ word) + 0x9e3779b9);
  const state = [1, 2, 3, 4].map((i) => splitMixed(mixed + Math.imul(i, 0x9e3779b9)));
  const [a = 0, b = 0, c = 0, d = 0] = state;
  return xoshiroFrom((a | b | c | d) === 0 ? [1, 0, 0, 0] : [a, b, c, d]);
}

/**
 * Goes on where another has said its `state()`.
 * @throws {LowformerError} `invalid-argument` for four zeros, from which nothing but zeros come.
 */
export function xoshiroFrom(state: XoshiroState): RandomDraws {
  let [a, b, c, d] = state;
  if ((a | b | c | d) === 0) {
    const expected = 'four 32-bit integers, one of them other than 0';
    throw new LowformerError({ code: 'invalid-argument', where: 'xoshiroFrom', expected, received: state.join(', ') });
  }
  const word = (): number => {
    const product = Math.imul(b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result;
  };
  const real = (): number => ((word() >>> 5) * 2 ** 26 + (word() >>> 6)) / 2 ** 53;
  return {
    real,
    uniform: (low, high) => low + (high - low) * real(),
    integer: (low, high) => low + Math.floor(real() * (high - low)),
    state: () => [a >>> 0, b >>> 0, c >>> 0, d >>> 0],
  };
}

function splitMixed(state: number): number {
  let bits = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
  bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97);
  return (bits ^ (bits >>> 15)) >>> 0;
}
