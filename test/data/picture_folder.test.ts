import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { checkPicturesExist, checkSampleSize, picturesByStem, readPictureSize } from '../../data/picture_folder.js';
import { decodeImage } from '../../images/decode.js';
import { mistakeOf, temporaryFolder } from './temporary.js';

const picture = (name: string) => fileURLToPath(new URL(`../fixtures/images/${name}`, import.meta.url));

describe('the size of a picture', () => {
  it.each([
    ...[2, 3, 4, 5, 6, 7, 8].map((orientation) => `exif_${orientation}.jpg`),
    'photo.bmp',
    'photo.webp',
    'photo.tiff',
    'cmyk.jpg',
    'palette.png',
  ])('of %s, from its header, is that of its pixels', async (name) => {
    const { width, height } = await decodeImage(picture(name));
    expect(await readPictureSize(picture(name))).toEqual({ width, height });
  });

  it('of what is no picture', async () => {
    const file = picture('not_an_image.jpg');
    expect(await mistakeOf(() => readPictureSize(file), file)).toContain(': expected a JPEG');
    expect(await mistakeOf(() => readPictureSize('/nowhere.jpg'))).toContain('There is no such file.');
  });
});

describe('a size that contradicts the picture', () => {
  const size = { width: 640, height: 480 };
  it('is named, with its reason', async () => {
    const said = (width: number, height: number) =>
      mistakeOf(() => checkSampleSize({ file: 'a.jpg', size }, { width, height }));
    expect(await said(480, 640)).toBe(
      "a.jpg: expected a picture of 640x480, as its annotations say, but received '480x640'. Width and height are swapped: its EXIF orientation turns it, and whoever annotated it saw it unturned. Strip the orientation from the file, or turn the boxes.",
    );
    expect(await said(320, 240)).toContain('The picture was resized or replaced after it was annotated.');
  });

  it('does not occur where they agree, or none is given', () => {
    checkSampleSize({ file: 'a.jpg', size }, { ...size });
    checkSampleSize({ file: 'a.jpg', size: undefined }, { width: 1, height: 2 });
  });
});

it('pictures that are not there are listed', async () => {
  const root = temporaryFolder({ 'a.jpg': '', 'b.jpg': '', 'B/c.JPG': '' });
  const samples = ['a.jpg', 'x.jpg', 'y.jpg', 'B'].map((name) => ({ file: join(root, name) }));
  expect(await mistakeOf(() => checkPicturesExist({ name: 'gt.json', samples }), `${root}/`)).toBe(
    'gt.json: expected all of its pictures. 3 of 4 are missing: x.jpg, y.jpg, B.',
  );
  expect([...(await picturesByStem(root)).keys()]).toEqual(['B/c', 'a', 'b']);
});
