import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { LowformerError } from '../../core/errors.js';
import { decodeImage } from '../../images/decode.js';
import { decodedFiles, expectDecoded } from './decoded_files.js';
import { formulaPicture, imagePath } from './formula_picture.js';
import { difference, manifest, readPng } from './parity_images.js';

describe('what mmcv reads from odd files', () => {
  // JPEG, too: both sides decode with libjpeg-turbo, accurate integer DCT and fancy upsampling. The bound held is 0.
  it.each(manifest.read)('$file', async ({ file, expected }) => {
    const image = await decodeImage(imagePath(file));
    const reference = await readPng(imagePath(expected));
    expect([image.width, image.height]).toEqual([reference.width, reference.height]);
    expect(difference(image, reference)).toEqual({ largest: 0, count: 0 });
  });

  it('reads bytes as it reads files', async () => {
    const image = await decodeImage(readFileSync(imagePath('exif_6.jpg')));
    expect(image).toEqual(await decodeImage(imagePath('exif_6.jpg')));
  });

  it('keeps the pixels of its parity source', async () => {
    const path = imagePath('photo.png');
    expect(difference(await decodeImage(path), await readPng(path)).count).toBe(0);
  });
});

/** Made with OpenCV and Pillow; read, or refused where there is no hash, by OpenCV 4.11's `imdecode`; trunc_1 by `imread`. */
describe('what OpenCV reads from files of many kinds', () => {
  it.each(decodedFiles('opencv_decoded.json'))('$name', expectDecoded);

  it('turns WebP by its EXIF orientation', async () => {
    const { width, height, data } = formulaPicture(5, 3, 1);
    const plain = sharp(data, { raw: { width, height, channels: 3 } });
    const bytes = await plain.webp({ lossless: true }).withMetadata({ orientation: 3 }).toBuffer();
    const pixels = Array.from({ length: 15 }, (_, i) => [...data.subarray(i * 3, i * 3 + 3)]);
    expect([...(await decodeImage(bytes)).data]).toEqual(pixels.toReversed().flat());
  });

  it('takes the first frame of a GIF', async () => {
    const frame = (red: number) =>
      sharp({ create: { width: 4, height: 3, channels: 3, background: { r: red, g: 10, b: 20 } } })
        .png()
        .toBuffer();
    const bytes = await sharp([await frame(250), await frame(0)], { join: { animated: true } })
      .gif()
      .toBuffer();
    const { width, height, data } = await decodeImage(bytes);
    expect({ width, height, first: [...data.subarray(0, 3)] }).toEqual({ width: 4, height: 3, first: [250, 10, 20] });
  });
});

/** PNG's checksum of a chunk. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

async function refusal(source: string | Uint8Array, name?: string): Promise<string> {
  const error = await decodeImage(source, name === undefined ? {} : { name }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof LowformerError)) throw new Error('expected a LowformerError');
  expect(error.code).toBe('unreadable-image');
  expect(error.cause).toBeUndefined();
  expect(error.message).not.toMatch(/\n|\bat \S+[/:(]/);
  return error.message;
}

describe('what cannot be read is an error that names the picture and the reason', () => {
  it.each([
    ['not_an_image.jpg', /none, or damaged/],
    ['empty.png', /empty \(0 bytes\)/],
    ['truncated.jpg', /undamaged JPEG picture.*premature end/],
    ['missing.jpg', /no such file/],
    ['.', /a folder/],
  ])('%s', async (name, reason) => {
    const path = imagePath(name);
    const message = await refusal(path);
    expect(message.startsWith(`${path}: expected `)).toBe(true);
    expect(message).toMatch(reason);
  });

  it('covers every file that must be refused', () => {
    expect(manifest.refuse).toEqual(['not_an_image.jpg', 'empty.png', 'truncated.jpg']);
  });

  it('bytes without a name', async () => {
    expect(await refusal(new Uint8Array())).toMatch(/^picture: /);
    expect(await refusal(Uint8Array.of(1, 2, 3), 'upload 7')).toMatch(/^upload 7: /);
  });

  it('drawings', async () => {
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
    expect(await refusal(svg)).toMatch(/It is SVG/);
  });

  it('floating-point pixels', async () => {
    // A TIFF of 1x1 pixels: type, count and value of each tag.
    const tags = [
      [256, 3, 1],
      [257, 3, 1],
      [258, 3, 32],
      [259, 3, 1],
      [262, 3, 1],
      [273, 4, 8],
      [277, 3, 1],
      [278, 3, 1],
      [279, 4, 4],
      [339, 3, 3],
    ];
    const tiff = Buffer.alloc(14 + tags.length * 12 + 4);
    tiff.write('II*\0', 'latin1');
    tiff.writeUInt32LE(12, 4);
    tiff.writeFloatLE(0.5, 8);
    tiff.writeUInt16LE(tags.length, 12);
    tags.forEach(([tag = 0, type = 0, value = 0], i) => {
      const at = 14 + i * 12;
      tiff.writeUInt16LE(tag, at);
      tiff.writeUInt16LE(type, at + 2);
      tiff.writeUInt32LE(1, at + 4);
      tiff.writeUInt32LE(value, at + 8);
    });
    expect(await refusal(tiff)).toMatch(/8 or 16 bits a channel.*'float'/);
  });

  it('more pixels than the limit, before any is decoded', async () => {
    const png = Buffer.from(readFileSync(imagePath('gray.png')));
    png.writeUInt32BE(30000, 16);
    png.writeUInt32BE(30000, 20);
    png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
    expect(await refusal(png)).toBe('picture: expected at most 268402689 pixels. It has more.');
    const bmp = Buffer.from(readFileSync(imagePath('photo.bmp')));
    bmp.writeInt32LE(30000, 18);
    bmp.writeInt32LE(30000, 22);
    expect(await refusal(bmp)).toMatch(/30000x30000 pixels, more than 268402689/);
  });
});

describe('a file that is cut off at any place', () => {
  it.each(['photo.bmp', 'gray.png', 'exif_6.jpg', 'photo.tiff', 'photo.webp'])('%s', async (name) => {
    const bytes = readFileSync(imagePath(name));
    for (let length = 0; length < bytes.length - 24; length += Math.ceil(bytes.length / 23)) {
      await refusal(bytes.subarray(0, length), name);
    }
  });
});

describe('a bitmap whose bytes were changed', () => {
  it('gives a picture or a refusal, never another error', async () => {
    const bytes = readFileSync(imagePath('photo.bmp'));
    for (let at = 2; at < 54; at++) {
      for (const value of [0, 1, 4, 12, 40, 127, 255]) {
        const changed = Buffer.from(bytes);
        changed[at] = value;
        await decodeImage(changed).catch((error: unknown) => expect(error).toBeInstanceOf(LowformerError));
      }
    }
  });
});
