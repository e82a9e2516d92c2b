/** Pixels that are decoded already, as cameras, canvases and other libraries hand them over. */
import { LowformerError } from '../core/errors.js';
import type { RgbImage, Size } from '../core/frame.js';

/** Rows from the top, a byte a channel: RGB, RGBA (a canvas' `ImageData`) or grey. */
export interface RawPixels extends Size {
  readonly data: Uint8Array | Uint8ClampedArray;
}

const EXPECTED = 'raw pixels as { width, height, data }, data a Uint8Array or Uint8ClampedArray of RGB, RGBA or grey';

/** Whether a value is meant as raw pixels: right or wrong shows `rgbOf`. */
export function isRawPixels(source: object): source is Readonly<Record<'width' | 'height' | 'data', unknown>> {
  return 'width' in source && 'height' in source && 'data' in source;
}

/**
 * Raw pixels as RGB: alpha is dropped, as it is of files, and grey becomes three equal channels.
 * @param copied whether RGB is copied, so that its owner may go on writing to it; all else is made anew in any case.
 * @throws {LowformerError} `invalid-argument`, naming the picture, for other kinds of numbers and another length.
 */
export function rgbOf(
  { width, height, data }: Readonly<Record<'width' | 'height' | 'data', unknown>>,
  { name, copied }: { readonly name: string; readonly copied: boolean },
): RgbImage {
  if (!isSide(width) || !isSide(height)) throw wrong(name, EXPECTED, `${String(width)}x${String(height)}`);
  if (!(data instanceof Uint8Array || data instanceof Uint8ClampedArray)) {
    throw wrong(name, EXPECTED, `data of type ${kindOf(data)}`, 'Scale other numbers to 0…255 first.');
  }
  const pixels = width * height;
  switch (data.length / pixels) {
    case 3:
      return { width, height, data: copied ? new Uint8Array(data) : bytesOf(data) };
    case 4:
      return { width, height, data: withoutAlpha(data) };
    case 1:
      return { width, height, data: threefold(data) };
    default:
      throw wrong(name, EXPECTED, `${width}x${height} with ${data.length} bytes`, wayOut(pixels));
  }
}

function wayOut(pixels: number): string {
  return `That is width * height * 3 bytes, ${pixels * 3} (RGB), ${pixels * 4} (RGBA) or ${pixels} (grey).`;
}

function isSide(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}

function kindOf(data: unknown): string {
  return typeof data === 'object' && data !== null ? data.constructor.name : typeof data;
}

function bytesOf(data: Uint8Array | Uint8ClampedArray): Uint8Array {
  return data instanceof Uint8Array ? data : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function withoutAlpha(data: Uint8Array | Uint8ClampedArray): Uint8Array {
  const rgb = new Uint8Array((data.length / 4) * 3);
  for (let from = 0, at = 0; at < rgb.length; from += 4, at += 3) {
    rgb[at] = data[from] ?? 0;
    rgb[at + 1] = data[from + 1] ?? 0;
    rgb[at + 2] = data[from + 2] ?? 0;
  }
  return rgb;
}

function threefold(data: Uint8Array | Uint8ClampedArray): Uint8Array {
  const rgb = new Uint8Array(data.length * 3);
  for (let from = 0, at = 0; at < rgb.length; from++, at += 3) rgb.fill(data[from] ?? 0, at, at + 3);
  return rgb;
}

function wrong(where: string, expected: string, received: string, hint?: string): LowformerError {
  const parts = { code: 'invalid-argument', where, expected, received } as const;
  return new LowformerError(hint === undefined ? parts : { ...parts, hint });
}
