/**
 * Functions whose last bit is the same on every machine: sums, products, quotients and square roots, which IEEE 754
 * defines exactly. `Math.sin` and its like may differ between engines, and a picture with them.
 */

/** Sine of an angle in turns: one turn is 2 pi. Within 0.0017 (Bhaskara's quotient of parabolas). */
export function sine(turns: number): number {
  const half = 2 * (turns - Math.floor(turns));
  const z = half < 1 ? half : half - 1;
  const bow = z * (1 - z);
  const value = (16 * bow) / (5 - 4 * bow);
  return half < 1 ? value : -value;
}

/** Cosine of an angle in turns, within 0.0017. */
export function cosine(turns: number): number {
  return sine(turns + 0.25);
}

/** The angle of (x, y) in turns, 0 to 1, within 0.0001; 0 for the origin. */
export function angle(x: number, y: number): number {
  const across = Math.abs(x);
  const up = Math.abs(y);
  const longer = Math.max(across, up);
  if (longer === 0) return 0;
  const ratio = Math.min(across, up) / longer;
  const square = ratio * ratio;
  const turns = ratio * (0.15915494 + square * (-0.05214278 + square * (0.02535565 - square * 0.00740014)));
  const quarter = across >= up ? turns : 0.25 - turns;
  const half = x >= 0 ? quarter : 0.5 - quarter;
  return y >= 0 ? half : half === 0 ? 0 : 1 - half;
}

/** `value`, held between `low` and `high`. */
export function clamp(value: number, low: number, high: number): number {
  return value < low ? low : value > high ? high : value;
}

/** From `start` at 0 to `end` at 1. */
export function mix(start: number, end: number, amount: number): number {
  return start + (end - start) * amount;
}

/** From 0 at `start` to 1 at `end`, level at both; `start` may be the greater. */
export function smoothstep(start: number, end: number, value: number): number {
  const t = clamp((value - start) / (end - start), 0, 1);
  return t * t * (3 - 2 * t);
}

/** What is left behind the whole number below. */
export function fraction(value: number): number {
  return value - Math.floor(value);
}

/** 0 at whole numbers, 1 half way between: a wave of straight lines. */
export function triangleWave(value: number): number {
  return 1 - Math.abs(2 * fraction(value) - 1);
}
