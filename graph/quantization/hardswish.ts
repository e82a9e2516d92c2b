/**
 * HardSwish on bytes, `x * gate` with `gate = clip(x + 3, 0, 6) / 6`. The bytes of x, cut at those of -3 and 3, are the gate's
 * own bytes, with another scale and another zero: a product of two tensors of bytes is all that is left.
 */
import { type ActivationCode, activationCode, LEAST_SCALE, type Range, roundToEven } from './codes.js';

/** The gate is `(clip(byte, low, high) - low) * scale`. */
export interface GateCode {
  /** The byte of -3. */
  readonly low: number;
  /** The byte of 3, or 255 where that is less than 3. */
  readonly high: number;
  readonly scale: number;
}

/** Where HardSwish alone reads a value, what is less than -3 needs no bytes. */
const CUT = -3;
/** So much coarser may bytes become for reaching down to -3. */
const MOST_WIDENING = 1.5;

/**
 * Bytes for what HardSwish alone reads: from -3 on, which is byte 0, with a step that divides 3, so that the gate is exact. Where
 * that would be much coarser than the range itself, the bytes of the range, cut at -3.
 */
export function codeBeforeHardswish(range: Range): ActivationCode {
  const cut = { min: Math.max(range.min, CUT), max: range.max };
  const max = Math.max(0, range.max);
  // A little more than the range: the last byte is that of `max` at least.
  const zeroPoint = Math.floor((255 * -CUT) / (max - CUT));
  const scale = Math.fround(-CUT / Math.max(1, zeroPoint));
  return zeroPoint < 1 || scale * 255 > MOST_WIDENING * (max - Math.min(0, cut.min))
    ? activationCode(cut)
    : { scale, zeroPoint };
}

/** The gate of bytes; undefined where they do not reach down to -3, or tell -3 hardly from 3. */
export function gateCode({ scale, zeroPoint }: ActivationCode): GateCode | undefined {
  const low = roundToEven(zeroPoint - 3 / scale);
  const high = Math.min(255, roundToEven(zeroPoint + 3 / scale));
  if (low < 0 || high - low < 2) return undefined;
  // What is 3 or more passes unchanged.
  const step = high < 255 ? 1 / (high - low) : scale / 6;
  return step >= LEAST_SCALE ? { low, high, scale: Math.fround(step) } : undefined;
}
