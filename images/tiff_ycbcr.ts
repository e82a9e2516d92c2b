/**
 * Y, Cb, Cr to red, green, blue as libtiff converts them (`TIFFYCbCrtoRGB`): the equations of CCIR 601 with the file's
 * own coefficients and ranges (TIFF 6.0, section 21), in integers of 16 fractional bits.
 */

export interface YcbcrTags {
  /** Shares of red, green and blue in Y; CCIR 601's unless told otherwise. */
  readonly coefficients: readonly number[] | undefined;
  /** Codes of black and white for Y, Cb and Cr in turn; the whole range unless told otherwise. */
  readonly reference: readonly number[] | undefined;
}

const BITS = 16;
const ONE = 2 ** BITS;
const f32 = Math.fround;

/** @param ycbcr three samples a pixel. @returns as many bytes, red, green, blue. */
export function ycbcrToRgb(
  ycbcr: Uint8Array | Uint16Array,
  { coefficients: [red = 0.299, green = 0.587, blue = 0.114] = [], reference: range = [] }: YcbcrTags,
): Uint8Array {
  const [yBlack = 0, yWhite = 255, cbBlack = 128, cbWhite = 255, crBlack = 128, crWhite = 255] = range;
  const ofRed = f32(2 - 2 * f32(red));
  const ofBlue = f32(2 - 2 * f32(blue));
  const crRed = fixed(ofRed);
  const crGreen = -fixed(f32(f32(f32(red) * ofRed) / f32(green)));
  const cbBlue = fixed(ofBlue);
  const cbGreen = -fixed(f32(f32(f32(blue) * ofBlue) / f32(green)));
  const table = (value: (code: number) => number) => Int32Array.from({ length: 256 }, (_, code) => value(code));
  const light = table((code) => level(code, yBlack, yWhite, 255));
  const cr = table((code) => level(code - 128, crBlack - 128, crWhite - 128, 127));
  const cb = table((code) => level(code - 128, cbBlack - 128, cbWhite - 128, 127));
  const redOf = cr.map((value) => (crRed * value + ONE / 2) >> BITS);
  const blueOf = cb.map((value) => (cbBlue * value + ONE / 2) >> BITS);

  // It clamps by itself.
  const rgb = new Uint8ClampedArray(ycbcr.length);
  for (let i = 0; i < ycbcr.length; i += 3) {
    const y = light[ycbcr[i] ?? 0] ?? 0;
    const cbCode = ycbcr[i + 1] ?? 0;
    const crCode = ycbcr[i + 2] ?? 0;
    rgb[i] = y + (redOf[crCode] ?? 0);
    rgb[i + 1] = y + ((cbGreen * (cb[cbCode] ?? 0) + ONE / 2 + crGreen * (cr[crCode] ?? 0)) >> BITS);
    rgb[i + 2] = y + (blueOf[cbCode] ?? 0);
  }
  return new Uint8Array(rgb.buffer);
}

/** A code on a scale from black, 0, to white, `most`. */
function level(code: number, black: number, white: number, most: number): number {
  const range = white === black ? 1 : f32(white - black);
  const value = f32(f32(f32(code - Math.trunc(black)) * most) / range);
  return Math.trunc(Math.min(Math.max(value, -4096), 4096));
}

function fixed(value: number): number {
  return Math.floor(Math.min(Math.max(value, 0), 2) * ONE + 0.5);
}
