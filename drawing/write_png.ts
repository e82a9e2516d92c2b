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
  const sharp = await loadSharp();
  const raw = sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false });
  await writeBytes(path, await encode(raw).toBuffer());
}

const encoders: Readonly<Record<string, (picture: Sharp) => Sharp>> = {
  '.png': (picture) => picture.png(),
  '.jpg': jpeg,
  '.jpeg': jpeg,
};

function jpeg(picture: Sharp): Sharp {
  return picture.jpeg({ quality: 92, chromaSubsampling: '4:4:4' });
}
