import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SegmentationMap } from '../../core/results.js';
import { readLabelMap } from '../../data/label_map.js';
import { encodeLabelMap, writeLabelMap } from '../../drawing/label_map.js';
import { classColour } from '../../drawing/palette.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lowformer-labels-'));
});
afterAll(() => rm(folder, { recursive: true }));

const labelMap = (labels: Uint8Array | Uint16Array, width: number): SegmentationMap => ({
  kind: 'segmentation',
  width,
  height: labels.length / width,
  labels,
  classes: [],
});

/** Bit depth and colour type of a PNG, from its header chunk: 0 is grey, 3 a palette. */
const header = (png: Buffer) => ({ depth: png[24], colourType: png[25], hasPalette: png.includes('PLTE') });

describe('label maps', () => {
  it('keep all 256 values in 8 bits, in a file of their own', async () => {
    const labels = Uint8Array.from({ length: 256 * 3 }, (_, i) => i % 256);
    const path = join(folder, 'eight.png');
    await writeLabelMap(path, labelMap(labels, 256));
    expect(await readLabelMap(path)).toEqual({ width: 256, height: 3, labels });
    expect(await readdir(folder)).toEqual(['eight.png']);
  });

  it.each([1, 2, 3])('have 8 bits and a palette with only %i values, too', async (count) => {
    const labels = Uint8Array.from({ length: 64 * 64 }, (_, i) => i % count);
    const path = join(folder, 'few.png');
    await writeLabelMap(path, labelMap(labels, 64), { classCount: count });
    expect(header(await readFile(path))).toEqual({ depth: 8, colourType: 3, hasPalette: true });
    expect((await readLabelMap(path)).labels).toEqual(labels);
    await rm(path);
  });

  it('look like their classes: as the palette of the config says, then in colours of ours', async () => {
    const palette = [
      [0, 0, 0],
      [250, 7, 9],
    ];
    const png = await encodeLabelMap(labelMap(Uint8Array.of(1, 0, 2, 1), 2), { classCount: 3, palette });
    const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
    expect(info.channels).toBe(3);
    expect([...data]).toEqual([250, 7, 9, 0, 0, 0, ...classColour(2), 250, 7, 9]);
  });

  it('keep all 65536 values in 16-bit grey', async () => {
    const labels = Uint16Array.from({ length: 65536 }, (_, i) => i);
    const png = await encodeLabelMap(labelMap(labels, 256));
    expect(header(png)).toEqual({ depth: 16, colourType: 0, hasPalette: false });
    const raw = await sharp(png).toColourspace('grey16').raw({ depth: 'ushort' }).toBuffer();
    expect(new Uint16Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.byteLength))).toEqual(labels);
  });

  it('are as deep as the number of classes asks', async () => {
    expect(header(await encodeLabelMap(labelMap(Uint16Array.of(0, 149), 2), { classCount: 150 })).depth).toBe(8);
    expect(header(await encodeLabelMap(labelMap(Uint8Array.of(0, 149), 2), { classCount: 257 })).depth).toBe(16);
  });

  it('refuse labels that are no classes, and labels that do not fill the map', async () => {
    await expect(encodeLabelMap(labelMap(Uint8Array.of(0, 150), 2), { classCount: 150 })).rejects.toMatchObject({
      code: 'invalid-argument',
      message: 'label map: expected labels below 150 but received 150',
    });
    const short = { ...labelMap(Uint8Array.of(0, 1), 2), height: 2 };
    await expect(encodeLabelMap(short)).rejects.toMatchObject({ code: 'invalid-argument' });
  });
});
