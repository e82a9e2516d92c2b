/**
 * Where each position of an enlarged or reduced row comes from: torch's `interpolate(mode='bilinear')`, one axis at a
 * time, in its float32 arithmetic.
 */
import type { Span } from '../core/frame.js';

/** Of each target position: the two source positions it lies between, and the share of each. Ascending. */
export interface Taps {
  readonly first: Int32Array;
  readonly second: Int32Array;
  readonly firstShare: Float32Array;
  readonly secondShare: Float32Array;
}

/** Both ways. */
export interface Axes {
  readonly x: Taps;
  readonly y: Taps;
}

/** @param from positions of the source, at least 1. @param to positions of the target. */
export function bilinearTaps(from: number, to: number, alignCorners: boolean): Taps {
  const scale = alignCorners ? (to > 1 ? Math.fround((from - 1) / (to - 1)) : 0) : Math.fround(from / to);
  const result: Taps = {
    first: new Int32Array(to),
    second: new Int32Array(to),
    firstShare: new Float32Array(to),
    secondShare: new Float32Array(to),
  };
  for (let i = 0; i < to; i++) {
    const centred = Math.fround(Math.fround(scale * Math.fround(i + 0.5)) - 0.5);
    const position = alignCorners ? Math.fround(scale * i) : Math.max(0, centred);
    const first = Math.min(Math.floor(position), from - 1);
    const share = Math.min(Math.max(Math.fround(position - first), 0), 1);
    result.first[i] = first;
    result.second[i] = Math.min(first + 1, from - 1);
    result.secondShare[i] = share;
    result.firstShare[i] = 1 - share;
  }
  return result;
}

/** The taps of `length` target positions from `start` on; what was `start` is position 0 of the result. */
export function cropTaps(taps: Taps, start: number, length: number): Taps {
  return {
    first: taps.first.subarray(start, start + length),
    second: taps.second.subarray(start, start + length),
    firstShare: taps.firstShare.subarray(start, start + length),
    secondShare: taps.secondShare.subarray(start, start + length),
  };
}

/** The same taps where the source begins `start` positions later. */
export function shiftTaps({ first, second, firstShare, secondShare }: Taps, start: number): Taps {
  const moved = (positions: Int32Array) => positions.map((position) => position - start);
  return { first: moved(first), second: moved(second), firstShare, secondShare };
}

/** The source positions that a span of target positions is made of. */
export function sourceSpan(taps: Taps, { start, end }: Span): Span {
  return { start: taps.first[start] ?? 0, end: (taps.second[end - 1] ?? -1) + 1 };
}

/** How many target positions, from the first on, are made of source positions before `end` alone. */
export function countBefore({ second }: Taps, end: number): number {
  const next = second.findIndex((position) => position >= end);
  return next < 0 ? second.length : next;
}
