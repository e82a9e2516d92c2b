/**
 * The sigmoid of PyTorch's CPU kernel, `1 / (1 + exp(-x))` in float32, to the bit. Its exponential is SLEEF's
 * `expf_u10` (Shibata and Petrogalli, arXiv 2001.09258): round(x / ln 2) powers of two times a polynomial in the rest,
 * with fused multiply-adds. To the bit, because scores that come out equal decide the order of boxes.
 */
import { roundHalfEven } from '../core/round_half_even.js';

const INVERSE_LN2 = Math.fround(Math.LOG2E);
/** ln 2 in two parts, so that the larger times a small integer is exact. */
const LN2_UPPER = Math.fround(0.693145752);
const LN2_LOWER = Math.fround(1.42860677e-6);

const C5 = Math.fround(1.98527618e-4);
const C4 = Math.fround(1.39304355e-3);
const C3 = Math.fround(8.33336078e-3);
const C2 = Math.fround(0.0416664854);
const C1 = Math.fround(0.166666672);

/** Exponents of two from -160 to 160. */
const POWERS = Float64Array.from({ length: 321 }, (_, i) => 2 ** (i - 160));

/** Float32 in, float32 out, 0 to 1; NaN stays NaN. */
export function sigmoid(x: number): number {
  const d = -x;
  if (d > 100) return 0;
  // exp(-17) is less than half a step of float32 at 1.
  if (d < -17) return 1;
  // Products of two float32 are exact in a double: one rounding of `a * b + c` is a fused multiply-add.
  const q = roundHalfEven(Math.fround(d * INVERSE_LN2));
  let s = Math.fround(q * -LN2_UPPER + d);
  s = Math.fround(q * -LN2_LOWER + s);
  let u = Math.fround(C5 * s + C4);
  u = Math.fround(u * s + C3);
  u = Math.fround(u * s + C2);
  u = Math.fround(u * s + C1);
  u = Math.fround(u * s + 0.5);
  u = Math.fround(Math.fround(s * s) * u + s);
  u = Math.fround(1 + u);
  const exponential = Math.fround(u * (POWERS[q + 160] ?? Number.NaN));
  return Math.fround(1 / Math.fround(1 + exponential));
}

/**
 * A logit so low that every logit at or below it has a `sigmoid` below `score`: what a scan of raw logits may skip
 * without computing anything. Some above it are below `score`, too; those are left to an exact comparison.
 */
export function logitSurelyBelow(score: number): number {
  // Sixteen float32 steps under the score: many times the error of the float32 sigmoid.
  const lower = score * (1 - 2 ** -20);
  // Where float32 loses precision towards 0, nothing is sure.
  if (!(lower > 1e-30)) return Number.NEGATIVE_INFINITY;
  if (lower >= 1) return Number.POSITIVE_INFINITY;
  return Math.log(lower / (1 - lower));
}
