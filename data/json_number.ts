/** Numbers in JSON, from their bytes and to the last bit. */

const MINUS = 0x2d;
const PLUS = 0x2b;
const DOT = 0x2e;
const ZERO = 0x30;

/** Powers of ten that a float64 holds exactly. */
const POWERS = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
/** Digits that a signed 32-bit number holds whatever they are. */
const HALF = 9;

/**
 * Reads the number that begins at `at` into `into[slot]`. Gives where it ends, or -1, and writes nothing, where no number
 * of JSON begins: what is wrong is for the caller to find.
 */
export function scanNumber(bytes: Uint8Array, at: number, into: Float64Array, slot: number): number {
  const start = at;
  let byte = bytes[at] ?? 0;
  const negative = byte === MINUS;
  if (negative) byte = bytes[++at] ?? 0;
  const first = at;
  // The first nine digits and the next nine, zeros in front not counted: whole numbers of 32 bits are quick to put together.
  let high = 0;
  let low = 0;
  let digits = 0;
  let point = -1;
  for (;;) {
    const digit = byte - ZERO;
    if (digit >= 0 && digit <= 9) {
      if (digits < HALF) {
        high = (Math.imul(high, 10) + digit) | 0;
        if (high !== 0) digits++;
      } else {
        if (digits < 2 * HALF) low = (Math.imul(low, 10) + digit) | 0;
        digits++;
      }
    } else if (byte === DOT && point < 0) {
      if (at === first) return -1;
      point = at;
    } else break;
    byte = bytes[++at] ?? 0;
  }
  const whole = (point < 0 ? at : point) - first;
  if (whole === 0 || at === point + 1 || (whole > 1 && bytes[first] === ZERO)) return -1;
  let exponent = point < 0 ? 0 : point + 1 - at;
  if ((byte | 0x20) === 0x65) {
    const smaller = bytes[at + 1] === MINUS;
    if (smaller || bytes[at + 1] === PLUS) at++;
    const from = ++at;
    let scale = 0;
    for (let digit = (bytes[at] ?? 0) - ZERO; digit >= 0 && digit <= 9; digit = (bytes[++at] ?? 0) - ZERO) {
      scale = Math.min(scale * 10 + digit, 10000);
    }
    if (at === from) return -1;
    exponent += smaller ? -scale : scale;
  }
  const size = scaled(high, low, digits, exponent);
  into[slot] = Number.isNaN(size) ? Number(latin1(bytes, start, at)) : negative ? -size : size;
  return at;
}

/** The digits times 10 to the exponent, or NaN where that takes longer arithmetic. */
function scaled(high: number, low: number, digits: number, exponent: number): number {
  if (exponent < -22 || exponent > 22 || digits > 2 * HALF) return Number.NaN;
  const power = POWERS[Math.abs(exponent)] ?? 1;
  if (digits <= HALF) return exponent < 0 ? high / power : high * power;
  const shift = POWERS[digits - HALF] ?? 1;
  const mantissa = high * shift + low;
  // Two exact float64 and one operation give the correctly rounded result (Clinger 1990).
  if (mantissa <= Number.MAX_SAFE_INTEGER) return exponent < 0 ? mantissa / power : mantissa * power;
  return exponent < 0 ? longQuotient(high, shift, low, power) : Number.NaN;
}

/**
 * `(high * shift + low) / power`, rounded once, for 16 to 18 digits, as Python prints most numbers: in pairs of float64
 * (Dekker 1971), whose error is far below what can change the rounding unless the value lies next to the middle between
 * two float64; then NaN.
 */
function longQuotient(high: number, shift: number, low: number, power: number): number {
  const shiftLow = shift % 32768;
  const large = high * (shift - shiftLow);
  const small = high * shiftLow + low;
  const sum = large + small;
  const rest = small - (sum - large);
  const quotient = sum / power;
  const remainder = sum - quotient * power - productError(quotient, power) + rest;
  const correction = remainder / power;
  const slack = Math.abs(correction) * 2 ** -48;
  const from = quotient + (correction - slack);
  return from === quotient + (correction + slack) ? from : Number.NaN;
}

/** What rounding took from `a * b`: the exact product less the rounded one. */
function productError(a: number, b: number): number {
  const aTop = topHalf(a);
  const bTop = topHalf(b);
  const aRest = a - aTop;
  const bRest = b - bTop;
  return aRest * bRest - (a * b - aTop * bTop - aRest * bTop - aTop * bRest);
}

/** The upper 26 bits (Veltkamp). */
function topHalf(value: number): number {
  const moved = value * 134217729;
  return moved - (moved - value);
}

function latin1(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let at = from; at < to; at++) text += String.fromCharCode(bytes[at] ?? 0);
  return text;
}
