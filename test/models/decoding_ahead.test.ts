/** Pictures of 192 MB, prepared while others run. */
import sharp from 'sharp';
import { beforeAll, expect, test } from 'vitest';
import type { RgbImage } from '../../core/frame.js';
import type { Detections } from '../../core/results.js';
import { loadImage, sourceName } from '../../models/image_source.js';
import { predictMany } from '../../models/predict_many.js';

/** A network that says a picture's width. */
async function run(images: readonly RgbImage[]): Promise<Detections[]> {
  await new Promise((resolve) => setTimeout(resolve, 1));
  return images.map(({ width, height }) => ({ kind: 'detection', width, height, detections: [] }));
}

const way = { run, pictures: { load: loadImage, nameOf: sourceName } };

let bomb: Buffer;
beforeAll(async () => {
  bomb = await sharp({ create: { width: 8000, height: 8000, channels: 3, background: 'red' } })
    .png({ compressionLevel: 9 })
    .toBuffer();
});

test('is bounded by bytes: small files that are large pictures are decoded one after another', async () => {
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  for await (const outcome of predictMany(
    Array.from({ length: 5 }, () => bomb),
    way,
    { batchSize: 1 },
  )) {
    expect(outcome.ok).toBe(true);
    // The next ones have the time to be decoded.
    await new Promise((resolve) => setTimeout(resolve, 200));
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  }
  // A picture is 192 MB; two would be over the bound of 256 MiB, whatever waits to be collected aside.
  expect(most).toBeLessThan(3 * 192e6);
}, 30_000);

test('a batch that is over the bound is run all the same', async () => {
  const grey = { width: 5, height: 2, data: new Uint8Array(30) };
  const widths: number[] = [];
  for await (const outcome of predictMany([bomb, bomb, grey], way, { batchSize: 2 })) {
    if (outcome.ok) widths.push(outcome.result.width);
  }
  expect(widths).toEqual([8000, 8000, 5]);
}, 30_000);
