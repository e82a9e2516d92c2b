/**
 * Label Studio's brush masks: red, green, blue and alpha of each pixel, row by row, in runs of bits (github.com/thi-ng/umbrella, rle-pack;
 * label_studio_sdk/converter/brush.py).
 */

/** Bits that the length of a run may take, by the two bits before it. */
const SIZES = [3, 4, 8, 16] as const;
const MOST = 2 ** 16;

/**
 * To the byte what label_studio_sdk's `mask2rle` gives for 0 and 255.
 * @param lengths runs of pixels, outside first: see `lengthsOf`.
 */
export function packBrush(lengths: readonly number[]): readonly number[] {
  const bytes: number[] = [];
  let [byte, filled] = [0, 0];
  const put = (value: number, bits: number) => {
    for (let bit = bits - 1; bit >= 0; bit--) {
      byte = (byte << 1) | (Math.floor(value / 2 ** bit) & 1);
      filled++;
      if (filled < 8) continue;
      bytes.push(byte);
      byte = filled = 0;
    }
  };
  const samples = 4 * lengths.reduce((sum, length) => sum + length, 0);
  put(samples, 32);
  put(7, 5);
  for (const size of SIZES) put(size - 1, 4);
  for (const [i, length] of lengths.entries()) {
    const value = i % 2 === 1 ? 255 : 0;
    let rest = 4 * length;
    const isLong = rest > 256;
    while (rest > 0) {
      const run = Math.min(rest, MOST);
      const kind = isLong ? 3 : SIZES.findIndex((bits) => run <= 2 ** bits);
      put(1, 1);
      put(kind, 2);
      put(run - 1, SIZES[kind] ?? 16);
      put(value, 8);
      rest -= run;
    }
  }
  // A whole byte of zeros where the last one is full, as there.
  put(0, 8 - filled);
  return bytes;
}

/**
 * The alpha of each pixel, 0 to 255.
 * @param pixels how many there have to be.
 * @throws {RangeError} for bytes that are no such mask, or one of other pixels.
 */
export function unpackBrush(bytes: readonly number[], pixels: number): Uint8Array {
  let at = 0;
  const take = (bits: number) => {
    let value = 0;
    for (let i = 0; i < bits; i++, at++) {
      const byte = bytes[at >> 3];
      if (byte === undefined) throw new RangeError('it ends too soon');
      value = value * 2 + ((byte >> (7 - (at & 7))) & 1);
    }
    return value;
  };
  const samples = take(32);
  if (samples !== 4 * pixels) throw new RangeError(`it is of ${samples / 4} pixels`);
  const word = take(5) + 1;
  if (word !== 8) throw new RangeError(`its values have ${word} bits, not 8`);
  const sizes = [take(4) + 1, take(4) + 1, take(4) + 1, take(4) + 1];
  const alpha = new Uint8Array(pixels);
  for (let i = 0; i < samples; ) {
    const isRun = take(1) === 1;
    const end = i + 1 + take(sizes[take(2)] ?? 0);
    if (end > samples) throw new RangeError('a run goes beyond the last pixel');
    let value = isRun ? take(8) : 0;
    for (; i < end; i++) {
      if (!isRun) value = take(8);
      if (i % 4 === 3) alpha[i >> 2] = value;
    }
  }
  return alpha;
}
