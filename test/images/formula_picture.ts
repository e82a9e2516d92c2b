import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import type { RgbImage } from '../../core/frame.js';

/** Noise that follows from the seed alone: each byte is the top of a 32-bit hash of seed and position. */
export function formulaPicture(width: number, height: number, seed: number): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i++) {
    let x = (seed + Math.imul(i, 0x9e3779b9)) >>> 0;
    x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
    x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
    x ^= x >>> 16;
    data[i] = x >>> 24;
  }
  return { width, height, data };
}

/** Of the bytes in memory: float32 on a little-endian machine. */
export function sha256(data: Uint8Array | Float32Array): string {
  return createHash('sha256')
    .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    .digest('hex');
}

/** What a reference implementation gave for formula pictures. */
export function imageFixture<Schema extends z.ZodType>(name: string, schema: Schema): z.output<Schema> {
  return schema.parse(JSON.parse(readFileSync(new URL(`../fixtures/images/${name}`, import.meta.url), 'utf8')));
}

/** Where a picture of the fixtures lies. */
export function imagePath(name: string): string {
  return fileURLToPath(new URL(`../fixtures/images/${name}`, import.meta.url));
}
