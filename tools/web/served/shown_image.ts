/** A picture's file as the page shows it. */
import type { RgbImage, Size } from '../../../core/frame.js';
import { decodeSource } from '../../../web/decode_picture.js';

/** Canvases beyond are slow on phones. */
const MOST_SIDE = 2048;

/** Turned as its EXIF orientation says, and not larger than `MOST_SIDE`; undefined where this browser cannot show it. */
export async function shownImage(file: File): Promise<RgbImage | undefined> {
  const bitmap = await createImageBitmap(file).catch(() => undefined);
  if (bitmap === undefined) return undefined;
  try {
    const { width, height } = shownSize(bitmap);
    const canvas = new OffscreenCanvas(width, height);
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0, width, height);
    return await decodeSource(canvas, { name: file.name, hint: 'This browser cannot read it.' });
  } finally {
    bitmap.close();
  }
}

/** What stands in the place of a picture that cannot be shown. */
export function greyImage(picture: Size): RgbImage {
  const { width, height } = shownSize(picture);
  return { width, height, data: new Uint8Array(width * height * 3).fill(0x88) };
}

function shownSize({ width, height }: Size): Size {
  const scale = Math.min(1, MOST_SIDE / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}
