import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { LowformerError } from '../../core/errors.js';
import { collectNotes } from '../../core/notes.js';
import { decodeImage } from '../../images/decode.js';
import { possibleEnds } from '../../images/jpeg_end.js';
import { formulaPicture } from './formula_picture.js';
import { difference, readPng } from './parity_images.js';

const file = (name: string) => new URL(`../fixtures/images/${name}`, import.meta.url).pathname;

describe('a JPEG that lacks its end marker alone', () => {
  it('is read as OpenCV reads it, with a note', async () => {
    const notes = collectNotes();
    const image = await decodeImage(file('odd/noeoi.jpg'), { notes });
    expect(difference(image, await readPng(file('odd/opencv_noeoi_jpg.png'))).count).toBe(0);
    expect(notes.list()).toMatchObject([{ kind: 'jpeg-end', where: file('odd/noeoi.jpg'), count: 1 }]);
  });

  it.each(['jpeg_420.jpg', 'jpeg_444.jpg', 'gray.jpg', 'cmyk.jpg', 'jpeg_progressive.jpg', 'exif_6.jpg'])(
    '%s without its last two bytes, or the last, gives the same pixels',
    async (name) => {
      const whole = readFileSync(file(name));
      expect([...whole.subarray(-2)]).toEqual([0xff, 0xd9]);
      const expected = await decodeImage(whole);
      for (const less of [1, 2]) {
        const notes = collectNotes();
        expect(await decodeImage(whole.subarray(0, -less), { notes })).toEqual(expected);
        expect(notes.list()).toHaveLength(1);
      }
      const notes = collectNotes();
      await decodeImage(whole, { notes });
      expect(notes.list()).toEqual([]);
    },
  );
});

describe('a JPEG that lacks pixels', () => {
  it.each(['odd/noeoi.jpg', 'jpeg_420.jpg', 'jpeg_progressive.jpg'])('%s, cut anywhere, is refused', async (name) => {
    const whole = readFileSync(file(name));
    const end = whole.length - (name === 'odd/noeoi.jpg' ? 1 : 3);
    const step = Math.ceil(end / 40);
    const lengths = Array.from({ length: 40 }, (_, i) => end - i * step).filter((length) => length > 0);
    for (const length of [end - 1, end - 2, ...lengths]) {
      await expect(decodeImage(whole.subarray(0, length)), `${length} bytes`).rejects.toThrow(LowformerError);
    }
  });

  it('is refused where a progressive file was cut between two scans', async () => {
    const { data, width, height } = formulaPicture(40, 30, 3);
    const whole = await sharp(data, { raw: { width, height, channels: 3 } })
      .jpeg({ progressive: true })
      .toBuffer();
    const scans = Array.from({ length: whole.length }, (_, i) => i).filter(
      (i) => whole[i] === 0xff && (whole[i + 1] === 0xda || whole[i + 1] === 0xc4),
    );
    expect(scans.length).toBeGreaterThan(5);
    for (const at of scans) expect(possibleEnds(whole.subarray(0, at))).toBeUndefined();
    expect(possibleEnds(whole.subarray(0, -2))).toBeDefined();
  });
});

describe('files that are whole, of formats that are not read', () => {
  it('HEIC says which codec is needed', async () => {
    await expect(decodeImage(file('odd/photo.heic'))).rejects.toThrow(
      'It is HEIC, for which another codec is needed (HEVC). Convert it to JPEG or PNG first.',
    );
  });

  it.each([
    ['JPEG XL', '\xff\x0a......'],
    ['JPEG XL', '\0\0\0\x0cJXL \r\n\x87\n'],
    ['JPEG 2000', '\0\0\0\x0cjP  \r\n\x87\n'],
    ["a camera's raw file (CR3)", '\0\0\0\x18ftypcrx ....'],
    ['a Photoshop document', '8BPS\0\x01......'],
    ['a film', '\0\0\0\x18ftypisom....'],
    ['PDF', '%PDF-1.7\n....'],
  ])('%s is named', async (format, start) => {
    const bytes = Buffer.concat([Buffer.from(start, 'latin1'), Buffer.alloc(64)]);
    await expect(decodeImage(bytes)).rejects.toThrow(`It is ${format}. Convert it to JPEG or PNG first.`);
  });

  it('a header that is damaged makes a whole sentence', async () => {
    await expect(decodeImage(file('odd/neg.png'))).rejects.toThrow(/BMP picture\. Its header is damaged\.$/);
  });
});
