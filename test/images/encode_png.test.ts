import sharp from 'sharp';
import { expect, test } from 'vitest';
import { encodePng } from '../../images/encode_png.js';
import { seededRandom } from '../random.js';

const random = seededRandom(5);
const bytes = (length: number, values: number) =>
  Uint8Array.from({ length }, () => Math.floor(values * random() * random()));

const SIZES = [
  [1, 1],
  [1, 9],
  [13, 1],
  [64, 48],
  [301, 77],
] as const;

test.each(SIZES)('%ix%i colours come back as they are', async (width, height) => {
  const data = bytes(width * height * 3, 256);
  const file = await encodePng({ width, height, data });
  const decoded = await sharp(file).raw().toBuffer({ resolveWithObject: true });
  expect(decoded.info).toMatchObject({ width, height, channels: 3 });
  expect(decoded.data.equals(Buffer.from(data))).toBe(true);
});

test.each(SIZES)('%ix%i indices come back in the colours of the palette', async (width, height) => {
  const palette = [
    [0, 0, 0],
    [255, 0, 7],
    [3, 200, 90],
  ] as const;
  const data = bytes(width * height, palette.length);
  const { data: decoded } = await sharp(await encodePng({ width, height, data, palette }))
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  expect(new Uint8Array(decoded)).toEqual(Uint8Array.from([...data].flatMap((index) => palette[index] ?? [])));
});

test('equal pixels make equal bytes, and noise is hardly larger than by the usual compression', async () => {
  const image = { width: 200, height: 150, data: bytes(200 * 150 * 3, 256) };
  const file = await encodePng(image);
  expect(file.equals(await encodePng({ ...image, data: image.data.slice() }))).toBe(true);
  const usual = await sharp(image.data, { raw: { width: 200, height: 150, channels: 3 } })
    .png({ adaptiveFiltering: true })
    .toBuffer();
  expect(file.length / usual.length).toBeLessThan(1.1);
});
