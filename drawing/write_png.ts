import { extname } from 'node:path';
import type { Sharp } from 'sharp';
import { LowformerError } from '../core/errors.js';
import type { RgbImage } from '../core/frame.js';
import { writeBytes } from '../files/atomic_write.js';
import { loadSharp } from '../images/load_sharp.js';

/**
 * Writes the picture as PNG or JPEG (quality 92, colours not subsampled), as the ending of `path` says, whole or not
 * at all. Its folder is made.
 * @throws {LowformerError} `unwritable-file` for another ending, or when the system refuses.
 */
export async function writeImage(path: string, image: RgbImage): Promise<void> {
  const format = ENDINGS[extname(path).toLowerCase()];
  if (format === undefined) {
    throw new LowformerError({
      code: 'unwritable-file',
      where: path,
      expected: `a file name that ends in ${Object.keys(ENDINGS).join(', ')}`,
      received: extname(path),
    });
  }
  await writeBytes(path, await encodePicture(image, format));
}

/** The picture as a file: PNG, JPEG (quality 92, colours not subsampled), or WebP (quality 90). */
export async function encodePicture({ width, height, data }: RgbImage, format: PictureFormat): Promise<Buffer> {
  const sharp = await loadSharp();
  const raw = sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false });
  return ENCODERS[format](raw).toBuffer();
}

export type PictureFormat = keyof typeof ENCODERS;

const ENCODERS = {
  png: (picture: Sharp) => picture.png(),
  jpeg: (picture: Sharp) => picture.jpeg({ quality: 92, chromaSubsampling: '4:4:4' }),
  webp: (picture: Sharp) => picture.webp({ quality: 90 }),
} as const;

const ENDINGS: Readonly<Record<string, PictureFormat>> = { '.png': 'png', '.jpg': 'jpeg', '.jpeg': 'jpeg' };
