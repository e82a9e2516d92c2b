import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LowformerError } from '../../core/errors.js';
import { decodeImage } from '../../images/decode.js';
import { decodedFiles, expectDecoded, SOME_TIFFS } from './decoded_files.js';
import { difference, readPng } from './parity_images.js';

const odd = (name: string) => new URL(`../fixtures/images/odd/${name}`, import.meta.url).pathname;

/**
 * Made with tifffile 2026.3 and Pillow 13, read by OpenCV 4.11's `imread`; without a hash what is refused here. `p`
 * in a name: predictor 2. `e2` and `greyalphasep`: alpha that is not multiplied in, `rgba1` and `greyA`: alpha that is.
 */
const files = decodedFiles('opencv_tiff.json');
const someTiffs = files.filter(({ name }) => SOME_TIFFS.test(name));

describe('TIFF of kinds that libvips takes for others, as OpenCV reads it', () => {
  it.each(files)('$name', expectDecoded);

  it('reads grey with three planes, LZW in strips of one row', async () => {
    const image = await decodeImage(odd('v_sep_lzw.tif'));
    expect(difference(image, await readPng(odd('opencv_v_sep_lzw_tif.png'))).count).toBe(0);
  });
});

describe('odd TIFF, damaged', () => {
  it.each(someTiffs)('$name cut off is refused', async ({ name, file }) => {
    const bytes = Buffer.from(file, 'base64');
    for (let length = 0; length < bytes.length - 24; length += Math.ceil(bytes.length / 40)) {
      await decodeImage(bytes.subarray(0, length), { name }).then(
        () => expect.fail(`${length} bytes of ${bytes.length}`),
        (error: unknown) => expect(error).toBeInstanceOf(LowformerError),
      );
    }
  });
});

describe("a camera's raw file", () => {
  it('is refused: its first picture is a thumbnail', async () => {
    // The first directory of the fixture, with two tags more: it is a reduced picture, and others stand below.
    const file = readFileSync(odd('v_sep_lzw.tif'));
    const at = file.readUInt32LE(4);
    const count = file.readUInt16LE(at);
    const own = Array.from({ length: count }, (_, i) => file.subarray(at + 2 + i * 12, at + 14 + i * 12));
    const entry = (tag: number, value: number) => {
      const bytes = Buffer.alloc(12);
      bytes.writeUInt16LE(tag, 0);
      bytes.writeUInt16LE(4, 2);
      bytes.writeUInt32LE(1, 4);
      bytes.writeUInt32LE(value, 8);
      return bytes;
    };
    const all = [...own.filter((e) => e.readUInt16LE(0) !== 254), entry(254, 1), entry(330, 8)];
    all.sort((a, b) => a.readUInt16LE(0) - b.readUInt16LE(0));
    const start = Buffer.from(file);
    start.writeUInt32LE(file.length, 4);
    const head = Buffer.alloc(2);
    head.writeUInt16LE(all.length);
    const raw = Buffer.concat([start, head, ...all, Buffer.alloc(4)]);
    await expect(decodeImage(raw)).rejects.toThrow(/thumbnail, as in cameras' raw files/);
  });
});
