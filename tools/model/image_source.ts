import { LowformerError } from '../../core/errors.js';
import type { RgbImage } from '../../core/frame.js';
import { decodeImage } from '../../images/decode.js';

/** A picture: a file's path, an encoded file's bytes (a Buffer is one), or raw pixels. */
export type ImageSource = string | Uint8Array | RgbImage;

/**
 * Decodes what is not decoded yet; EXIF orientation is applied.
 * @throws {LowformerError} `unreadable-image`, or `invalid-argument` for raw pixels of another length than their size.
 */
export async function loadImage(source: ImageSource): Promise<RgbImage> {
  if (typeof source === 'string' || source instanceof Uint8Array) return decodeImage(source);
  const { width, height, data } = source;
  const whole = Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0;
  if (!whole || data.length !== width * height * 3) {
    const expected = 'raw pixels of width * height * 3 bytes, RGB interleaved';
    const received = `${width}x${height} with ${data.length} bytes`;
    throw new LowformerError({ code: 'invalid-argument', where: 'image', expected, received });
  }
  return source;
}

/** What a message calls a picture. */
export function sourceName(source: ImageSource): string {
  if (typeof source === 'string') return source;
  return source instanceof Uint8Array ? `${source.length} bytes` : `${source.width}x${source.height} pixels`;
}
