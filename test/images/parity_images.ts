import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import sharp from 'sharp';
import { expect } from 'vitest';
import { z } from 'zod';
import type { RgbImage } from '../../core/frame.js';
import { parityFile } from '../parity_file.js';
import { imageFixture, sha256 } from './formula_picture.js';

const pair = z.tuple([z.number(), z.number()]);

/** What mmcv and torchvision make of the drawn pictures. */
export const manifest = imageFixture(
  'manifest.json',
  z.object({
    resize: z.array(
      z.object({
        source: z.string(),
        keep_ratio: z.boolean(),
        scale: pair,
        expected: z.string(),
        width: z.number(),
        height: z.number(),
        scale_factor: pair.optional(),
      }),
    ),
    read: z.array(z.object({ file: z.string(), expected: z.string(), lossy: z.boolean() })),
    refuse: z.array(z.string()),
    resize_pillow: z.array(
      z.object({
        source: z.string(),
        shorter_side: z.number(),
        crop: z.number(),
        interpolation: z.enum(['bilinear', 'bicubic']),
        expected: z.string(),
      }),
    ),
  }),
);

const hashSchema = z.record(z.string(), z.object({ width: z.number(), height: z.number(), sha256: z.string() }));
const hashes = new Map(
  Object.entries(
    hashSchema.parse(
      JSON.parse(
        gunzipSync(readFileSync(new URL('../fixtures/reference/images.json.gz', import.meta.url))).toString('utf8'),
      ),
    ),
  ),
);

/** Holds pixels to a resized picture of the reference, to the bit: some are too large to be kept but for their hash. */
export async function expectPixels({ width, height, data }: RgbImage, name: string): Promise<void> {
  const png = parityFile(`images/${name}`);
  if (png !== undefined) {
    expect(difference({ width, height, data }, await readPng(png))).toEqual({ largest: 0, count: 0 });
  }
  expect({ width, height, sha256: sha256(data) }).toEqual(hashes.get(name));
}

/** A PNG's pixels, by sharp alone. */
export async function readPng(path: string): Promise<RgbImage> {
  const { data, info } = await sharp(path).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}

/** Largest difference of any channel, and of how many. */
export function difference(a: RgbImage, b: RgbImage): { largest: number; count: number } {
  if (a.data.length !== b.data.length) return { largest: Number.POSITIVE_INFINITY, count: a.data.length };
  let largest = 0;
  let count = 0;
  a.data.forEach((value, i) => {
    const distance = Math.abs(value - (b.data[i] ?? 0));
    if (distance > 0) count++;
    largest = Math.max(largest, distance);
  });
  return { largest, count };
}
