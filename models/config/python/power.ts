/** `**`, rounded once: `Math.pow` is a unit in the last place off where the C library, and so Python, is not. */

/** Exponents that are computed exactly; `0.9 ** 12` is what configs ask for. */
const MOST_EXPONENT = 64;

/** Of two numbers as floats. NaN where Python gives a complex number. */
export function floatPower(base: number, exponent: number): number {
  const isExact = Number.isInteger(exponent) && Math.abs(exponent) <= MOST_EXPONENT && Number.isFinite(base);
  if (!isExact || base === 0) return base ** exponent;
  const { significand, scale } = parts(base);
  const [power, scaled] = [significand ** BigInt(Math.abs(exponent)), scale * exponent];
  return exponent < 0 ? quotient(1n, power, scaled) : quotient(power, 1n, scaled);
}

/** Of two ints; undefined beyond those that are exact here. */
export function intPower(base: number, exponent: number): number | undefined {
  if (Math.abs(base) > 1 && exponent > 53) return undefined;
  const power = Number(BigInt(base) ** BigInt(exponent));
  return Number.isSafeInteger(power) ? power : undefined;
}

/** `significand * 2 ** scale`, exactly. */
function parts(value: number): { readonly significand: bigint; readonly scale: number } {
  let [significand, scale] = [value, 0];
  while (!Number.isInteger(significand)) [significand, scale] = [significand * 2, scale - 1];
  return { significand: BigInt(significand), scale };
}

/** `numerator / denominator * 2 ** scale`, rounded once where the result is a normal number. */
function quotient(numerator: bigint, denominator: bigint, scale: number): number {
  // 66 bits or more, the last of them set where there is more behind: `Number` then rounds as for all of them.
  const missing = 66 + bits(denominator) - bits(numerator);
  const shift = BigInt(Math.abs(missing));
  const [above, below] = missing > 0 ? [numerator << shift, denominator] : [numerator, denominator << shift];
  const whole = above / below;
  const rounded = Number(above % below === 0n ? whole : whole < 0n ? -(-whole | 1n) : whole | 1n);
  const power = scale - missing;
  const half = Math.trunc(power / 2);
  return rounded * 2 ** half * 2 ** (power - half);
}

function bits(value: bigint): number {
  return (value < 0n ? -value : value).toString(2).length;
}
