import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LowformerError } from '../../../core/errors.js';
import { type LoaderOptions, placeAfter, trainingLoader } from '../../../training/loading/loader.js';
import type { TrainingBatch } from '../../../training/loading/prepare.js';
import type { LoadingPlace } from '../../../training/loading/samplers.js';
import { detectionLoading, emptyFolder, SIZES, segmentationLoading, writeLabels, writePictures } from './small_set.js';

const folder = emptyFolder();
beforeAll(() => writePictures(folder));
afterAll(() => rmSync(folder, { recursive: true }));

async function take(options: LoaderOptions, count: number, from?: LoadingPlace): Promise<readonly TrainingBatch[]> {
  await using loader = trainingLoader(options);
  const batches: TrainingBatch[] = [];
  for await (const batch of loader.batches(from)) if (batches.push(batch) === count) break;
  return batches;
}

describe('detection', () => {
  test('batches: padded, normalised, boxes in their pixels, the last one smaller', async () => {
    const options = await detectionLoading(folder, { steps: [{ type: 'LoadAnnotations' }] });
    const batches = await take(options, 5);
    expect(batches.map(({ epoch, batch }) => [epoch, batch])).toEqual([
      [0, 0],
      [0, 1],
      [0, 2],
      [0, 3],
      [1, 0],
    ]);
    for (const { input, files, transforms, objects, pictures } of batches) {
      const [count = 0, channels, height = 0, width = 0] = input.shape;
      expect([count, channels]).toEqual([files.length, 3]);
      expect([width % 16, height % 16]).toEqual([0, 0]);
      for (const [i, picture] of pictures.entries()) {
        const [w, h] = SIZES[picture] ?? [0, 0];
        expect(transforms[i]).toMatchObject({ resized: { width: w, height: h }, padded: { width, height } });
        expect(objects?.[i]?.labels).toHaveLength(picture === SIZES.length - 1 ? 0 : 2);
        // Behind the picture lies what is not normalised.
        if (w < width) expect(input.data[(i * 3 + 2) * width * height + w]).toBe(0);
      }
    }
  });

  test('are the same with any number of threads, and from any place on', async () => {
    const options = await detectionLoading(folder);
    const alone = await take(options, 8);
    expect(new Set(alone.map(({ input }) => input.data.reduce((sum, value) => sum + value, 0))).size).toBe(8);
    expect(await take({ ...options, workers: 2 }, 8)).toEqual(alone);
    const [, , third] = alone;
    const place = placeAfter(third ?? { epoch: 0, batch: 0 }, 4);
    expect(await take({ ...options, workers: 1, prefetch: 1 }, 5, place)).toEqual(alone.slice(3));
    const otherSeed = await take({ ...options, seed: 6 }, 1);
    expect(otherSeed[0]?.files).toEqual(alone[0]?.files);
    expect(otherSeed).not.toEqual(alone.slice(0, 1));
  });

  test('wide and tall pictures apart', async () => {
    const options = await detectionLoading(folder, { steps: [] });
    const plan = { ...options.plan, byAspectRatio: true };
    const [first, second] = await take({ ...options, plan }, 2);
    for (const { pictures } of [first, second].filter((batch) => batch !== undefined)) {
      const tall = pictures.map((picture) => (SIZES[picture]?.[0] ?? 0) < (SIZES[picture]?.[1] ?? 0));
      expect(new Set(tall).size).toBe(1);
    }
  });

  test('the event loop runs meanwhile, and what waits is bounded', async () => {
    const options = await detectionLoading(folder);
    await using loader = trainingLoader({ ...options, workers: 1, prefetch: 3 });
    const batches = loader.batches();
    await batches.next();
    let longest = 0;
    let last = performance.now();
    const timer = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 5);
    for (let i = 0; i < 20; i++) await batches.next();
    clearInterval(timer);
    expect(longest).toBeLessThan(500);
    // Nobody takes any more: when what was asked for has come, nothing else is prepared.
    await pause(500);
    const before = process.memoryUsage().arrayBuffers;
    await pause(500);
    expect(process.memoryUsage().arrayBuffers).toBeLessThan(before + 50_000);
    await batches.return(undefined);
  });
});

describe('segmentation', () => {
  test('of several sizes: labels are padded with 255, pictures with pad_val', async () => {
    const options = await segmentationLoading(folder, { size_divisor: 32, pad_val: 7 });
    const batches = await take({ ...options, workers: 1 }, 4);
    expect(await take(options, 4)).toEqual(batches);
    for (const { input, labels, transforms } of batches) {
      const [count, , height, width] = input.shape;
      expect(labels?.shape).toEqual([count, height, width]);
      expect([...new Set(labels?.data)].every((label) => label < 2 || label === 255)).toBe(true);
      for (const [i, { resized }] of transforms.entries()) {
        if (resized.width >= (width ?? 0)) continue;
        const plane = (width ?? 0) * (height ?? 0);
        expect(labels?.data[i * plane + resized.width]).toBe(255);
        expect(input.data[i * 3 * plane + resized.width]).toBe(7);
      }
    }
  });

  test('to a fixed size, and a picture that is larger', async () => {
    const options = await segmentationLoading(folder, { size: [24, 32] });
    const [batch] = await take(options, 1);
    expect(batch?.input.shape).toEqual([3, 3, 24, 32]);
    const small = await segmentationLoading(folder, { size: [8, 8], seg_pad_val: 254 });
    await expect(take(small, 1)).rejects.toThrow('expected pictures of at most 8x8 (model.data_preprocessor.size)');
    const plan = { ...options.plan, byAspectRatio: true };
    expect(() => trainingLoader({ ...options, plan })).toThrow('train_dataloader.batch_sampler');
  });
});

describe('mistakes', () => {
  test.each([0, 1])('a damaged picture is named, with %i threads, and the rest is dropped', async (workers) => {
    const own = emptyFolder();
    await writePictures(own);
    const broken = join(own, 'images', '3.png');
    writeFileSync(broken, 'no picture');
    const options = await detectionLoading(own, { steps: [] });
    const plan = { ...options.plan, shuffle: false, batchSize: 1 };
    await using loader = trainingLoader({ ...options, plan, workers });
    const seen: number[] = [];
    const run = async () => {
      for await (const { batch } of loader.batches()) seen.push(batch);
    };
    await expect(run()).rejects.toThrow(`${broken}: expected a JPEG`);
    expect(seen).toEqual([0, 1, 2]);
    // Another round begins where one wants.
    const again = loader.batches({ epoch: 0, batch: 4 });
    expect((await again.next()).value?.batch).toBe(4);
    await again.return(undefined);
    rmSync(own, { recursive: true });
  });

  test('a picture of another size, a label that is no class, a step that fails', async () => {
    const own = emptyFolder();
    await writePictures(own);
    const options = await detectionLoading(own, {
      steps: [
        { type: 'Normalize', mean: [0], std: [1] },
        { type: 'Resize', scale: [8, 8] },
      ],
    });
    const plan = { ...options.plan, shuffle: false, batchSize: 1 };
    const file = join(own, 'images', '0.png');
    await expect(take({ ...options, plan }, 1)).rejects.toThrow(
      `${file}: train_pipeline: Resize: expected a place before`,
    );
    const segmentation = await segmentationLoading(own, { size_divisor: 1 });
    await writeLabels(join(own, 'labels', '0.png'), 40, 30, (at) => (at === 41 ? 2 : 0));
    const message = `${join(own, 'labels', '0.png')}: pixel (1, 1): expected a label from 0 to 1, or 255`;
    await expect(take(segmentation, 9)).rejects.toThrow(message);
    rmSync(own, { recursive: true });
  });

  test('pictures of which a crop leaves no object', async () => {
    const steps = [{ type: 'RandomCrop', crop_size: [1, 1] }];
    const boxes = SIZES.map((_, i) => (i === 0 ? ([[0, 0, 1, 1]] as const) : []));
    const options = await detectionLoading(folder, { steps, boxes });
    const places = Int32Array.of(6);
    const batches = await take({ ...options, places, plan: { ...options.plan, batchSize: 1 } }, 1).catch(
      (error) => error,
    );
    // Another picture takes its place, at random: it is found, or the message says why not.
    if (batches instanceof LowformerError) expect(batches.message).toContain('allow_negative_crop');
    else expect(batches[0].pictures).toEqual([0]);
  });

  test('numbers that cannot be, and a loader that was disposed', async () => {
    const options = await detectionLoading(folder);
    expect(() => trainingLoader({ ...options, workers: 1.5 })).toThrow(
      'train_dataloader.num_workers: expected a whole',
    );
    expect(() => trainingLoader({ ...options, prefetch: 0 })).toThrow('train_dataloader.prefetch_factor');
    const plan = { ...options.plan, batchSize: 8, dropLast: true };
    expect(() => trainingLoader({ ...options, plan })).toThrow('a whole batch of 8 pictures');
    const loader = trainingLoader({ ...options, workers: 1 });
    await loader[Symbol.asyncDispose]();
    await loader[Symbol.asyncDispose]();
    await expect(loader.batches().next()).rejects.toMatchObject({ code: 'disposed' });
  });
});
