import { LowformerError } from '../core/errors.js';
import type { RgbImage } from '../core/frame.js';
import { BitmapError, decodeBitmap, isBitmap } from '../images/bitmap.js';
import { MAX_PIXELS } from '../images/pixels.js';
import { context } from './canvas_context.js';
import { straightPixels } from './straight_pixels.js';

/** Called when the size is known, before the pixels are read. */
type Admit = ((bytes: number) => Promise<void>) | undefined;

/**
 * A picture file as it is displayed: 8-bit RGB, turned as its EXIF orientation says, colour profiles left alone. In
 * Chromium pixels are those of `images/decode.ts` to the bit for PNG, JPEG, WebP and BMP. Known departures: where a
 * picture is partly transparent and the browser has no WebGL, colours are rounded, and black where it is wholly so; CMYK
 * differs by a step.
 * @param name for messages.
 * @throws {LowformerError} `unreadable-image`, naming the file.
 */
export async function decodePicture(file: Blob, name: string, admit?: Admit): Promise<RgbImage> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (bytes.length === 0) throw unreadable(name, 'It is empty (0 bytes).');
  if (isBitmap(bytes)) return bitmap(bytes, name);
  const hint = 'This browser cannot read it: it is damaged, or of a kind that it does not know.';
  return decodeSource(file, { name, hint, admit });
}

/**
 * What a page shows already: an element, a canvas, a frame of a video.
 * @param hint what is said where the browser refuses it.
 * @throws {LowformerError} `unreadable-image`.
 */
export async function decodeSource(
  source: ImageBitmapSource,
  { name, hint, admit }: { readonly name: string; readonly hint: string; readonly admit?: Admit },
): Promise<RgbImage> {
  const decoded = await createImageBitmap(source, {
    colorSpaceConversion: 'none',
    imageOrientation: 'from-image',
    premultiplyAlpha: 'none',
  }).catch(() => {
    throw unreadable(name, hint);
  });
  try {
    await admit?.(decoded.width * decoded.height * 3);
    return pixelsOf(decoded, name);
  } finally {
    decoded.close();
  }
}

function pixelsOf(bitmap: ImageBitmap, name: string): RgbImage {
  const { width, height } = bitmap;
  const drawn = drawnPixels(bitmap, name);
  const rgba = isOpaque(drawn) ? drawn : (straightPixels(bitmap) ?? drawn);
  const data = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; to < data.length; from += 4, to += 3) {
    data[to] = rgba[from] ?? 0;
    data[to + 1] = rgba[from + 1] ?? 0;
    data[to + 2] = rgba[from + 2] ?? 0;
  }
  return { width, height, data };
}

function drawnPixels(bitmap: ImageBitmap, name: string): Uint8ClampedArray {
  const { width, height } = bitmap;
  try {
    const drawing = context(new OffscreenCanvas(width, height));
    drawing.drawImage(bitmap, 0, 0);
    return drawing.getImageData(0, 0, width, height).data;
  } catch {
    throw unreadable(name, `Its ${width}x${height} pixels are more than this browser can draw.`);
  }
}

function isOpaque(rgba: Uint8ClampedArray): boolean {
  for (let at = 3; at < rgba.length; at += 4) if (rgba[at] !== 255) return false;
  return true;
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
