import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { CITYSCAPES_TRAIN_IDS } from '../../data/classes/cityscapes.js';
import { mapLabels, readLabelMap, readSampleLabels } from '../../data/label_map.js';
import { needs } from '../needs.js';
import { dataFixture, mistakeOf, sharedFile, temporaryFile } from './temporary.js';

const fixture = (name: string) => dataFixture(`labels/${name}.png`);
/** What the fixtures were written from, 7 pixels wide and 5 high. */
const written = (values: number) => Array.from({ length: 35 }, (_, i) => (i * 7 + 3) % values);

describe('the numbers in a label PNG', () => {
  // The palettes repeat colours and have transparent entries: an index cannot be told from a colour.
  it.each([
    ['palette_1', 2],
    ['palette_2', 4],
    ['palette_4', 16],
    ['palette_8', 256],
    ['pillow_palette', 256],
    ['grey_1', 2],
    ['grey_2', 4],
    ['grey_4', 16],
    ['grey_8', 256],
  ])('%s', async (name, values) => {
    const { width, height, labels } = await readLabelMap(fixture(name));
    expect({ width, height }).toEqual({ width: 7, height: 5 });
    expect(labels).toEqual(Uint8Array.from(written(values)));
  });

  it('grey of 16 bits', async () => {
    const { labels } = await readLabelMap(fixture('grey_16'));
    expect(labels).toEqual(Uint16Array.from({ length: 35 }, (_, i) => i * 1871));
  });

  it('interlaced', async () => {
    const values = Uint8Array.from({ length: 91 }, (_, i) => (i * 5) % 256);
    const picture = sharp(values, { raw: { width: 13, height: 7, channels: 1 } }).toColourspace('b-w');
    const file = temporaryFile('a.png', await picture.png({ progressive: true }).toBuffer());
    expect(await readLabelMap(file)).toEqual({ width: 13, height: 7, labels: values });
  });

  const camvid = sharedFile('datasets/camvid/annotations/val');
  it('of a real dataset: its classes and nothing else', needs('datasets', existsSync(camvid)), async () => {
    const { width, height, labels } = await readLabelMap(join(camvid, '0016E5_07959.png'));
    expect([width, height]).toEqual([480, 360]);
    for (const label of new Set(labels)) expect(label <= 10 || label === 255, String(label)).toBe(true);
  });
});

describe('what is no label map is refused', () => {
  const whole = readFileSync(fixture('palette_8'));
  const damaged = Buffer.from(whole);
  damaged.writeUInt8(damaged.readUInt8(whole.length - 30) ^ 0xff, whole.length - 30);
  it.each<readonly [string, Uint8Array, string]>([
    [
      'colours',
      readFileSync(fixture('colour')),
      "a.png: expected a label PNG: grey or palette, pixel = class index but received 'colours (RGB)'. It shows classes by colour: say with a colour map (--colors) which colour is which class.",
    ],
    [
      'no PNG',
      new TextEncoder().encode('hello world'),
      'a.png: expected a label PNG: grey or palette, pixel = class index. It is no PNG.',
    ],
    ['empty', new Uint8Array(), 'It is empty (0 bytes).'],
    ['cut off', whole.subarray(0, whole.length - 20), 'a.png: expected an undamaged label PNG. It is cut off.'],
    ['header alone', whole.subarray(0, 8), 'a.png: expected an undamaged label PNG. It is cut off.'],
    ['damaged', damaged, 'a.png: expected an undamaged label PNG. Decoding it failed'],
  ])('%s', async (_, bytes, message) => {
    const file = temporaryFile('a.png', bytes);
    expect(await mistakeOf(() => readLabelMap(file), file.slice(0, -5))).toContain(message);
  });

  it('a missing file', async () => {
    const message = '/nowhere.png: expected a label PNG: grey or palette, pixel = class index. There is no such file.';
    expect(await mistakeOf(() => readLabelMap('/nowhere.png'))).toBe(message);
  });
});

describe('label ids of Cityscapes', () => {
  it('become train ids: 19 of 34, the rest 255', async () => {
    const labels = Uint8Array.from({ length: 34 }, (_, id) => id);
    const mapped = mapLabels({ width: 34, height: 1, labels }, CITYSCAPES_TRAIN_IDS, 'a.png').labels;
    const v = 255;
    const expected = [
      v,
      v,
      v,
      v,
      v,
      v,
      v,
      0,
      1,
      v,
      v,
      2,
      3,
      4,
      v,
      v,
      v,
      5,
      v,
      6,
      7,
      8,
      9,
      10,
      11,
      12,
      13,
      14,
      15,
      v,
      v,
      16,
      17,
      18,
    ];
    expect([...mapped]).toEqual(expected);
  });

  it('that do not exist are named by pixel and value', async () => {
    const labels = Uint8Array.of(7, 7, 7, 8, 40, 7);
    const message = await mistakeOf(() => mapLabels({ width: 3, height: 2, labels }, CITYSCAPES_TRAIN_IDS, 'a.png'));
    expect(message).toMatch(/^a\.png: pixel \(1, 1\): expected one of 0, 1, 2, .*, 33, 255 but received 40$/);
  });

  it('are mapped where the dataset says so', async () => {
    const sample = { labelFile: fixture('grey_2') };
    const labelMap = new Map([0, 1, 2, 3].map((id) => [id, 10 * id]));
    expect((await readSampleLabels({ labelMap }, sample)).labels).toEqual(Uint8Array.from(written(4), (id) => id * 10));
    expect((await readSampleLabels({}, sample)).labels).toEqual(Uint8Array.from(written(4)));
  });
});
