import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { LowformerError } from '../core/errors.js';
import type { RgbImage } from '../core/frame.js';

/**
 * Writes the picture as PNG or JPEG (quality 92, colours not subsampled), as the ending of `path` says, whole or not
 * at all. The folder must exist.
 * @throws {LowformerError} `unwritable-file` for another ending, or when the system refuses.
 */
export async function writeImage(path: string, image: RgbImage): Promise<void> {
  const encode = encoders[extname(path).toLowerCase()];
  if (encode === undefined) {
    throw new LowformerError({
      code: 'unwritable-file',
      where: path,
      expected: `a file name that ends in ${Object.keys(encoders).join(', ')}`,
      received: extname(path),
    });
  }
  const { width, height, data } = image;
  const raw = sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false });
  await writeAtomically(path, await encode(raw).toBuffer());
}

const encoders: Readonly<Record<string, (picture: Sharp) => Sharp>> = {
  '.png': (picture) => picture.png(),
  '.jpg': jpeg,
  '.jpeg': jpeg,
};

function jpeg(picture: Sharp): Sharp {
  return picture.jpeg({ quality: 92, chromaSubsampling: '4:4:4' });
}

/**
 * Writes a file as a whole or not at all: under a temporary name in the same folder, which then takes the place of
 * `path`. On failure the temporary file is removed, and what stood at `path` is untouched.
 * @throws {LowformerError} `unwritable-file` when the system refuses.
 */
export async function writeAtomically(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path).slice(0, 64)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(bytes);
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => {});
    throw new LowformerError({
      code: 'unwritable-file',
      where: path,
      expected: 'a place that can be written to',
      received: cause instanceof Error ? cause.message : String(cause),
      hint: 'Nothing was written. Check that the folder exists and may be written to',
      cause,
    });
  }
}
