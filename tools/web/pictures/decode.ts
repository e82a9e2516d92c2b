import { LowformerError } from '../../../core/errors.js';
import type { RgbImage } from '../../../core/frame.js';
import { BitmapError, decodeBitmap, isBitmap } from '../../../images/bitmap.js';
import { MAX_PIXELS } from '../../../images/pixels.js';
import { context } from './canvas.js';

/**
 * A picture file as it is displayed: 8-bit RGB, turned as its EXIF orientation says, colour profiles left alone. In
 * Chromium pixels are those of `images/decode.ts` to the bit for PNG, JPEG, WebP and BMP. Known departures: canvases keep
 * no colour where a picture is wholly transparent, and round it where it is partly so; CMYK differs by a step.
 * @throws {LowformerError} `unreadable-image`, naming the file.
 */
export async function decodePicture(file: File): Promise<RgbImage> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (bytes.length === 0) throw unreadable(file.name, 'It is empty (0 bytes).');
  if (isBitmap(bytes)) return bitmap(bytes, file.name);
  const decoded = await createImageBitmap(file, {
    colorSpaceConversion: 'none',
    imageOrientation: 'from-image',
    premultiplyAlpha: 'none',
  }).catch(() => {
    throw unreadable(file.name, 'This browser cannot read it: it is damaged, or of a kind that it does not know.');
  });
  try {
    return pixelsOf(decoded, file.name);
  } finally {
    decoded.close();
  }
}

function pixelsOf(bitmap: ImageBitmap, name: string): RgbImage {
  const { width, height } = bitmap;
  const drawing = context(new OffscreenCanvas(width, height));
  drawing.drawImage(bitmap, 0, 0);
  const data = new Uint8Array(width * height * 3);
  try {
    const rgba = drawing.getImageData(0, 0, width, height).data;
    for (let from = 0, to = 0; to < data.length; from += 4, to += 3) {
      data[to] = rgba[from] ?? 0;
      data[to + 1] = rgba[from + 1] ?? 0;
      data[to + 2] = rgba[from + 2] ?? 0;
    }
  } catch {
    throw unreadable(name, `Its ${width}x${height} pixels are more than this browser can draw.`);
  }
  return { width, height, data };
}

function bitmap(bytes: Uint8Array, name: string): RgbImage {
  try {
    return decodeBitmap(bytes, MAX_PIXELS);
  } catch (error) {
    if (error instanceof BitmapError) throw unreadable(name, error.message);
    throw error;
  }
}

function unreadable(where: string, hint: string): LowformerError {
  const expected = 'a picture (JPEG, PNG, WebP, AVIF, GIF, BMP)';
  return new LowformerError({ code: 'unreadable-image', where, expected, hint });
}
