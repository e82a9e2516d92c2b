import type { RgbImage, Size } from '../core/frame.js';
import { loadSharp } from './load_sharp.js';
import { orientationOf, turnedSize, turnPixels } from './turn.js';

/** The size that keeps a picture's shape and has at most so many pixels; its own where it has no more. */
export function reducedSize({ width, height }: Size, mostPixels: number): Size {
  const scale = Math.min(1, Math.sqrt(mostPixels / (width * height)));
  return { width: Math.max(1, Math.floor(width * scale)), height: Math.max(1, Math.floor(height * scale)) };
}

/**
 * A picture made smaller, to be looked at, a few rows of which are held at a time: pixels are what libvips makes of them.
 * @param path of a picture that has been read in parts.
 */
export async function reducePicture(path: string, mostPixels: number): Promise<RgbImage> {
  const sharp = await loadSharp();
  const picture = sharp(path, { failOn: 'error', ignoreIcc: true, limitInputPixels: false });
  const { width, height, orientation } = await picture.metadata();
  const turned = orientationOf(orientation);
  const size = turnedSize(reducedSize(turnedSize({ width, height }, turned), mostPixels), turned);
  const { data } = await picture
    .resize(size.width, size.height, { fit: 'fill' })
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return turnPixels({ ...size, data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) }, turned);
}
