import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RgbImage } from '../../core/frame.js';
import { writeImage } from '../../drawing/write_png.js';
import { writeBytes } from '../../files/atomic_write.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lowformer-write-'));
});
afterEach(() => rm(folder, { recursive: true }));

const gradient: RgbImage = { width: 16, height: 8, data: Uint8Array.from({ length: 384 }, (_, i) => (i * 7) % 256) };

describe('writeImage', () => {
  it('writes PNG without loss', async () => {
    await writeImage(join(folder, 'a.PNG'), gradient);
    const { data, info } = await sharp(join(folder, 'a.PNG')).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels]).toEqual([16, 8, 3]);
    expect(new Uint8Array(data)).toEqual(gradient.data);
    expect(await readdir(folder)).toEqual(['a.PNG']);
  });

  it.each(['a.jpg', 'a.jpeg'])('writes JPEG as %s', async (name) => {
    await writeImage(join(folder, name), { width: 16, height: 8, data: new Uint8Array(384).fill(90) });
    const picture = sharp(join(folder, name));
    expect(await picture.metadata()).toMatchObject({
      format: 'jpeg',
      width: 16,
      height: 8,
      chromaSubsampling: '4:4:4',
    });
    expect(Math.max(...(await picture.raw().toBuffer()).map((value) => Math.abs(value - 90)))).toBeLessThanOrEqual(2);
  });

  it.each(['a.bmp', 'a'])('refuses %s', async (name) => {
    await expect(writeImage(join(folder, name), gradient)).rejects.toMatchObject({
      code: 'unwritable-file',
      path: join(folder, name),
      message: expect.stringContaining('.png, .jpg, .jpeg'),
    });
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('a file that is written', () => {
  it('takes the place of an older file', async () => {
    const path = join(folder, 'a.bin');
    await writeFile(path, 'a much longer older text');
    await writeBytes(path, Buffer.from('new'));
    expect(await readFile(path, 'utf8')).toBe('new');
  });

  it('leaves nothing behind when the place is taken by a folder', async () => {
    const path = join(folder, 'taken.png');
    await mkdir(path);
    await expect(writeImage(path, gradient)).rejects.toMatchObject({
      name: 'LowformerError',
      code: 'unwritable-file',
      path,
    });
    expect(await readdir(folder)).toEqual(['taken.png']);
  });

  it('names the path where its folder cannot be made', async () => {
    await writeFile(join(folder, 'file'), 'text');
    const path = join(folder, 'file/a.png');
    await expect(writeImage(path, gradient)).rejects.toMatchObject({
      code: 'unwritable-file',
      message: expect.stringContaining(path),
    });
    expect(await readdir(folder)).toEqual(['file']);
  });

  it('writes many files under names that do not meet', async () => {
    const path = join(folder, 'same.bin');
    await Promise.all(Array.from({ length: 20 }, (_, i) => writeBytes(path, Buffer.alloc(1000, i))));
    const bytes = await readFile(path);
    expect(bytes).toHaveLength(1000);
    expect(bytes.every((byte) => byte === bytes[0])).toBe(true);
    expect(await readdir(folder)).toEqual(['same.bin']);
  });
});
