/** Pascal VOC's XML and YOLO's labels as tools write them: what is unambiguous is taken, and said with a count. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { collectNotes } from '../../core/notes.js';
import { namedPictures } from '../../data/named_picture.js';
import { readVoc, readVocAnnotations, type VocOptions } from '../../data/voc.js';
import { readYolo } from '../../data/yolo.js';
import { readYoloNames } from '../../data/yolo_config.js';
import { drawnPicture, mistakeOf, temporaryFolder } from './temporary.js';

const box = (x1: unknown, y1: unknown, x2: unknown, y2: unknown) =>
  `<bndbox><xmin>${x1}</xmin><ymin>${y1}</ymin><xmax>${x2}</xmax><ymax>${y2}</ymax></bndbox>`;
const object = (name: string, inside = box(11, 21, 31, 51)) => `<object><name>${name}</name>${inside}</object>`;
const xml = (...objects: readonly string[]) => `<annotation>${objects.join('')}</annotation>`;

async function voc(files: Readonly<Record<string, string | Uint8Array>>, options: VocOptions = {}) {
  const notes = collectNotes();
  const { samples, classes } = await readVocAnnotations(temporaryFolder(files), { ...options, notes });
  return {
    classes,
    boxes: samples.map(({ objects }) => objects.map((one) => one.box)),
    samples,
    notes: notes.list().map(({ kind, count, examples }) => [kind, count, ...examples]),
  };
}

describe("Pascal VOC's XML", () => {
  it('in Latin-1, said so, not said so, said otherwise; and in other encodings', async () => {
    const latin = (text: string) => Buffer.from(text, 'latin1');
    const found = await voc({
      'a.xml': latin(`<?xml version="1.0" encoding="ISO-8859-1"?><!-- é -->${xml(object('caf\u00e9'))}`),
      'b.xml': latin(`<?xml version="1.0"?>${xml(object('caf\u00e9'))}`),
      'c.xml': latin(`<?xml version='1.0' encoding='utf-8'?>${xml(object('caf\u00e9'))}`),
      'd.xml': `\ufeff<?xml version="1.0" encoding="UTF-8"?>${xml(object('café'))}`,
      'e.xml': Buffer.from(`\ufeff${xml(object('café'))}`, 'utf16le'),
    });
    expect(found.classes).toEqual(['café']);
    expect(found.boxes.flat()).toEqual(Array(5).fill([10, 20, 20, 30]));
    expect(found.notes).toEqual([['latin-1', 2, 'b.xml', 'c.xml']]);
    const unknown = { 'a.xml': `<?xml version="1.0" encoding="klingon"?>${xml()}` };
    expect(await mistakeOf(() => voc(unknown))).toContain("received 'klingon'. Save the file as UTF-8.");
  });

  it('with endings in capitals, and pictures too', async () => {
    const root = temporaryFolder({
      'x/A.XML': xml(object('RBC')),
      'i/A.JPG': await drawnPicture(60, 60),
    });
    const { samples } = await readVoc({ annotations: join(root, 'x'), images: join(root, 'i') }, { ids: ['A'] });
    expect(samples).toMatchObject([{ id: 'A', file: join(root, 'i/A.JPG'), objects: [{ box: [10, 20, 20, 30] }] }]);
  });

  it('with sizes of 0, corners exchanged, difficult in words', async () => {
    const size = '<size><width>0</width><height>0</height></size>';
    const found = await voc({
      'a.xml': xml(size, object('a', `<difficult>Unspecified</difficult>${box(31, 21, 11, 51)}`)),
      'b.xml': xml('<size><width>5</width></size>', object('a', `<difficult> 1 </difficult>${box(11, 51, 31, 21)}`)),
    });
    expect(found.boxes).toEqual([[[10, 20, 20, 30]], [[10, 20, 20, 30]]]);
    expect(found.samples.map(({ size: own, objects }) => [own, objects[0]?.difficult])).toEqual([
      [undefined, false],
      [undefined, true],
    ]);
    expect(found.notes).toEqual(
      [
        ['missing-size', 2, 'a.xml: size', 'b.xml: size'],
        ['difficult-text', 1, 'a.xml: object[0].difficult'],
        ['corners-exchanged', 2, 'a.xml: object[0].bndbox', 'b.xml: object[0].bndbox'],
      ].toSorted((a, b) => order.indexOf(String(a[0])) - order.indexOf(String(b[0]))),
    );
  });
  const order = ['difficult-text', 'corners-exchanged', 'missing-size'];

  it('counted from 0 with fractions, as CVAT writes it', async () => {
    const files = { 'a.xml': xml(object('a', box('10.6', 0, '30.9', '50.5'))) };
    // As mmdet: cut and shifted.
    expect(await voc(files)).toMatchObject({
      boxes: [[[9, -1, 20, 50]]],
      notes: [
        ['fractional-box', 1, 'a.xml: object[0].bndbox'],
        ['first-pixel', 1, 'a.xml: object[0].bndbox'],
      ],
    });
    expect(await voc(files, { firstPixel: 1 })).toMatchObject({
      notes: [['fractional-box', 1, 'a.xml: object[0].bndbox']],
    });
    const { boxes, notes } = await voc(files, { firstPixel: 0 });
    expect(boxes.flat(2).map((value) => Number(value.toFixed(6)))).toEqual([10.6, 0, 20.3, 50.5]);
    expect(notes).toEqual([]);
  });

  it('all mistakes of all files at once', async () => {
    const said = await mistakeOf(() =>
      voc({ 'a.xml': xml(object('a', ''), object('b', box(1, 2, 3, 'x'))), 'b.xml': '<annotation>', 'c.xml': xml() }),
    );
    expect(said).toContain('3 mistakes in all:');
    expect(said).toContain("object[1].bndbox.ymax: expected a finite number but received 'x'");
    expect(said).toContain('b.xml: expected');
  });
});

const PICTURES = { 'images/val/a.png': 'a', 'images/val/b.png': 'b' } as const;

async function yolo(files: Readonly<Record<string, string>>, config = 'names: [RBC, WBC]\nval: images/val\n') {
  const picture = await drawnPicture(100, 200, 'png');
  const pictures = Object.fromEntries(Object.keys(PICTURES).map((name) => [name, picture]));
  const root = temporaryFolder({ 'data.yaml': config, ...pictures, ...files });
  const notes = collectNotes();
  const own = Object.keys(files).find((name) => name.endsWith('.data'));
  const { samples, classes } = await readYolo(join(root, own ?? 'data.yaml'), { notes });
  return {
    classes,
    ids: samples.map(({ id }) => id),
    boxes: samples.map(({ objects }) => objects.map((one) => one.box.map((value) => Number(value.toFixed(6))))),
    notes: notes.list().map(({ kind, count, examples }) => [kind, count, ...examples]),
  };
}

describe("YOLO's labels", () => {
  const LINE = '1 0.5 0.5 0.2 0.1';
  const BOX = [40, 90, 20, 20];

  it('outlines become their boxes, lines that stand twice count once, a hair outside is cut', async () => {
    const outline = '0 0.1 0.2 0.3 0.25 0.2 0.4 -0.004 0.3';
    const found = await yolo({
      'labels/val/a.txt': `${LINE}\n${outline}\n${LINE}\n${LINE}  \n`,
      'labels/val/b.txt': '0 -0.001 0.5 0.1 0.1\n0 0.5 1.009 0.1 0.1\n0 0.5 1.0005 0.1 0.1',
    });
    expect(found.boxes).toEqual([
      [BOX, [0, 40, 30, 40]],
      [
        [-5, 90, 10, 20],
        [45, 190, 10, 20],
        [45, 190.1, 10, 20],
      ],
    ]);
    expect(found.notes).toEqual([
      ['outside-picture', 3, 'a.txt:2', 'b.txt:1', 'b.txt:2'],
      ['outline', 1, 'a.txt:2'],
      ['line-twice', 2, 'a.txt:3', 'a.txt:4'],
    ]);
    const far = () => yolo({ 'labels/val/a.txt': '0 -0.02 0.5 0.1 0.1\n0 0.5 0.5 7 0.1\n5 0.5 0.5 0.1 0.1' });
    expect(await mistakeOf(far)).toMatch(
      /a\.txt:1: expected numbers from 0 to 1 but received '-0\.02'.*3 mistakes in all/,
    );
  });

  it('poses are boxes with keypoints behind them', async () => {
    const config = 'names: [RBC, WBC]\nval: images/val\nkpt_shape: [2, 3]\n';
    const found = await yolo({ 'labels/val/a.txt': `${LINE} 0.1 0.1 2 0.9 0.9 1\n` }, config);
    expect(found.boxes).toEqual([[BOX], []]);
    expect(found.notes).toEqual([]);
  });

  it.each([
    ['a map of names', 'names:\n  0: RBC\n  1: WBC\nval: images/val\n'],
    ['a list of pictures', 'names: [RBC, WBC]\nval: val.txt\npath: .\n'],
    ['several', 'names: [RBC, WBC]\nval:\n  - val.txt\n'],
  ])('%s', async (_, config) => {
    const files = {
      'val.txt': './images/val/a.png\nimages/val/b.png\n',
      'labels/val/a.txt': LINE,
      'labels/val/b.txt': '',
    };
    expect(await yolo(files, config)).toEqual({
      classes: ['RBC', 'WBC'],
      ids: ['a', 'b'],
      boxes: [[BOX], []],
      notes: [],
    });
  });

  it("Darknet's obj.data and obj.names", async () => {
    const files = {
      'obj.data': 'classes = 2\ntrain = data/train.txt\nvalid = data/val.txt\nnames = data/obj.names\nbackup = x/\n',
      'val.txt': 'images/val/a.png\n',
      'obj.names': 'RBC\nWBC\n',
      'images/val/a.txt': LINE,
    };
    expect(await yolo(files)).toEqual({ classes: ['RBC', 'WBC'], ids: ['a'], boxes: [[BOX]], notes: [] });
    const root = temporaryFolder(files);
    expect(await readYoloNames(join(root, 'obj.data'))).toEqual(['RBC', 'WBC']);
  });

  it('a list of pictures that are not there', async () => {
    const config = 'names: [a]\nval: val.txt\n';
    expect(await mistakeOf(() => yolo({ 'val.txt': 'x.png\n' }, config))).toContain('1 of 1 are not there: ');
    expect(await mistakeOf(() => yolo({ 'val.txt': '\n' }, config))).toContain('It is empty.');
  });
});

describe('names of pictures', () => {
  it('with backslashes and as in URLs are found, and said', () => {
    const root = temporaryFolder({ 'sub/1.jpg': '', 'my pic.jpg': '', '50%.jpg': '', 'a%20b.jpg': '' });
    const notes = collectNotes();
    const find = namedPictures(root, { notes });
    const found = ['sub\\1.jpg', 'my%20pic.jpg', '50%.jpg', 'a%20b.jpg', 'none%20.jpg'].map((name) => find(name, 'x'));
    expect(found).toEqual(
      ['sub/1.jpg', 'my pic.jpg', '50%.jpg', 'a%20b.jpg', 'none%20.jpg'].map((name) => join(root, name)),
    );
    expect(notes.list()).toMatchObject([{ kind: 'picture-name', count: 2, examples: ['sub\\1.jpg', 'my%20pic.jpg'] }]);
    expect(() => find('..%2f..%2fetc%2fpasswd', 'x')).not.toThrow();
    expect(find('..%2f..%2fetc%2fpasswd', 'x').startsWith(root)).toBe(true);
  });
});
