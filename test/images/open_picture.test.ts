import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isParted, type PartedPicture, type Picture, type RgbImage } from '../../core/frame.js';
import { splitMix } from '../../core/random.js';
import { decodeImage } from '../../images/decode.js';
import { openPicture } from '../../images/open_picture.js';
import { cutPicture } from '../../images/region.js';
import { resizeBilinear } from '../../images/resize_bilinear.js';
import { canResizeParts, resizeParts } from '../../images/resize_parts.js';

const [WIDTH, HEIGHT] = [211, 150];
const random = splitMix(3);
const noise = (channels: 1 | 3 | 4) =>
  Buffer.from(Array.from({ length: WIDTH * HEIGHT * channels }, () => 256 * random()));
const raw = (channels: 1 | 3 | 4) => sharp(noise(channels), { raw: { width: WIDTH, height: HEIGHT, channels } });
const wide = () =>
  sharp(
    Uint16Array.from({ length: WIDTH * HEIGHT * 3 }, () => 65536 * random()),
    {
      raw: { width: WIDTH, height: HEIGHT, channels: 3 },
    },
  ).toColourspace('rgb16');

const FILES: Readonly<Record<string, () => Sharp>> = {
  'rgb.png': () => raw(3).png(),
  'alpha.png': () => raw(4).png(),
  'grey.png': () => raw(1).toColourspace('b-w').png(),
  'palette.png': () => raw(3).png({ palette: true, colours: 16 }),
  'wide.png': () => wide().png(),
  'rgb.jpg': () => raw(3).jpeg(),
  'grey.jpg': () => raw(1).toColourspace('b-w').jpeg(),
  'strips.tif': () => raw(3).tiff({ compression: 'lzw' }),
  'tiles.tif': () => raw(3).tiff({ tile: true, tileWidth: 64, tileHeight: 48, compression: 'deflate' }),
  'pyramid.tif': () => raw(3).tiff({ tile: true, pyramid: true, tileWidth: 32, tileHeight: 32, compression: 'jpeg' }),
  'grey_tiles.tif': () => raw(1).toColourspace('b-w').tiff({ tile: true, tileWidth: 64, tileHeight: 64 }),
  ...Object.fromEntries(
    [2, 3, 4, 5, 6, 7, 8].map((orientation) => [
      `turned_${orientation}.jpg`,
      () => raw(3).jpeg().withMetadata({ orientation }),
    ]),
  ),
  'turned_tiles.tif': () => raw(3).tiff({ tile: true, tileWidth: 64, tileHeight: 64 }).withMetadata({ orientation: 6 }),
};
const WHOLE: Readonly<Record<string, () => Sharp>> = {
  'progressive.jpg': () => raw(3).jpeg({ progressive: true }),
  'interlaced.png': () => raw(3).png({ progressive: true }),
  'alpha.tif': () => raw(4).tiff({ tile: true, compression: 'lzw' }),
  'wide.tif': () => wide().tiff({ compression: 'lzw' }),
  'some.webp': () => raw(3).webp(),
};

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'open-picture-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function written(name: string, make: () => Sharp): Promise<string> {
  const path = join(folder, name);
  writeFileSync(path, await make().toBuffer());
  return path;
}

/** Compared as bytes: element by element takes seconds. */
function expectSame(given: RgbImage, expected: RgbImage): void {
  expect([given.width, given.height]).toEqual([expected.width, expected.height]);
  expect(Buffer.compare(given.data, expected.data)).toBe(0);
}

function parted(picture: Picture): PartedPicture {
  if (!isParted(picture)) throw new Error('a picture that is held');
  return picture;
}

describe('parts have the pixels of the whole', () => {
  it.each(Object.entries(FILES))('%s', async (name, make) => {
    const path = await written(name, make);
    const whole = await decodeImage(path);
    await using picture = parted(await openPicture(path, { holdUpTo: 100 }));
    expect({ width: picture.width, height: picture.height }).toEqual({ width: whole.width, height: whole.height });
    const { width, height } = picture;
    const regions = [
      { left: 0, top: 0, width, height },
      { left: 0, top: 40, width, height: 31 },
      { left: 17, top: height - 1, width: 90, height: 1 },
      { left: width - 1, top: 3, width: 1, height: height - 5 },
    ];
    for (const region of regions) expectSame(await picture.read(region), cutPicture(whole, region));
  });

  it('from bytes as from a file', async () => {
    const bytes = new Uint8Array(await raw(3).png().toBuffer());
    await using picture = parted(await openPicture(bytes, { holdUpTo: 1 }));
    const region = { left: 5, top: 6, width: 7, height: 8 };
    expectSame(await picture.read(region), cutPicture(await decodeImage(bytes), region));
  });
});

it.each(Object.entries(WHOLE))('%s is held', async (name, make) => {
  const path = await written(name, make);
  const picture = await openPicture(path, { holdUpTo: 100 });
  if (isParted(picture)) throw new Error('a picture in parts');
  expectSame(picture, await decodeImage(path));
});

it('a small one is held, and nothing is left behind', async () => {
  const path = await written('small.png', FILES['rgb.png'] ?? (() => raw(3)));
  expect(isParted(await openPicture(path, { holdUpTo: WIDTH * HEIGHT }))).toBe(false);
  const before = readdirSync(tmpdir()).filter((name) => name.includes('lowformer-')).length;
  {
    await using picture = parted(await openPicture(path, { holdUpTo: 1 }));
    await picture.read({ left: 0, top: 0, width: 3, height: 3 });
  }
  expect(readdirSync(tmpdir()).filter((name) => name.includes('lowformer-')).length).toBe(before);
});

describe('errors', () => {
  it('more pixels than are allowed', async () => {
    const path = await written('many.png', () => raw(3).png());
    const error: unknown = await openPicture(path, { holdUpTo: 1, maxPixels: 31649 }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({
      code: 'unreadable-image',
      message: `${path}: expected at most 31649 pixels. It has more. Where you trust the file, give a larger maxPixels.`,
      commandMessage: `${path}: expected at most 31649 pixels. It has more. Where you trust the file, give a larger --max-pixels.`,
    });
    expect(isParted(await openPicture(path, { holdUpTo: 1, maxPixels: 31650 }))).toBe(true);
    await expect(decodeImage(path, { maxPixels: 31649 })).rejects.toThrow('give a larger maxPixels');
  });

  it.each(['rgb.png', 'rgb.jpg', 'strips.tif', 'tiles.tif'])('%s cut off', async (name) => {
    const bytes = await (FILES[name]?.() ?? raw(3)).toBuffer();
    const cut = new Uint8Array(bytes.subarray(0, bytes.length * 0.6));
    const reading = async () => {
      await using picture = parted(await openPicture(cut, { holdUpTo: 1, name: 'cut' }));
      await picture.read({ left: 0, top: 0, width: WIDTH, height: HEIGHT });
    };
    // A TIFF whose directory is cut off is no picture at all.
    await expect(reading()).rejects.toThrow(/^cut: expected |held/);
  });

  it('no file', async () => {
    await expect(openPicture(join(folder, 'none.png'))).rejects.toThrow(/no such file/);
  });
});

describe('bilinear resize, some rows at a time', () => {
  it.each([
    [33, 20],
    [40, 75],
    [211, 1],
    [300, 400],
    [211, 149],
  ])('to %ix%i, to the bit', async (width, height) => {
    const path = await written('resize.png', () => raw(3).png());
    await using picture = parted(await openPicture(path, { holdUpTo: 1 }));
    const expected = resizeBilinear(await decodeImage(path), { width, height });
    for (const bytes of [1, 5 * WIDTH * 3, 2 ** 25]) {
      expectSame(await resizeParts(picture, { width, height }, bytes), expected);
    }
  });

  it('not at half the size, which OpenCV makes otherwise', () => {
    expect(canResizeParts({ width: 200, height: 100 }, { width: 100, height: 50 })).toBe(false);
    expect(canResizeParts({ width: 200, height: 100 }, { width: 100, height: 49 })).toBe(true);
  });
});
