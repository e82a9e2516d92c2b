/** Sizes that steps and batches lead to. */
import type { Size } from '../core/frame.js';

type Pair = readonly [horizontal: number, vertical: number];

/** Each side up to the next multiple. */
export function multipleSize({ width, height }: Size, [horizontal, vertical]: Pair): Size {
  return { width: roundUp(width, horizontal), height: roundUp(height, vertical) };
}

export function sizeOf([width, height]: Pair): Size {
  return { width, height };
}

/** The largest number that divides both sides. */
export function sidesDivisor([width, height]: Pair): number {
  return commonDivisor(width, height);
}

export function roundUp(value: number, divisor: number): number {
  return Math.ceil(value / divisor) * divisor;
}

export function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}

/** The smallest number that both divide. */
export function commonMultiple(a: number, b: number): number {
  return (a / commonDivisor(a, b)) * b;
}
