import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { classColour } from '../../../drawing/palette.js';
import { decodeImage } from '../../../images/decode.js';
import { countColour } from '../../drawing/pictures.js';
import { filesIn, folderIn, lowformer, temporaryFolder } from '../command_line.js';
import { drawPicture, expectMistake, writePicture } from '../tiny_models.js';

const cwd = temporaryFolder();
const COUNT = 12;
const name = (i: number) => `p${String(i).padStart(2, '0')}.png`;

const recordSchema = z.strictObject({
  annotations: z.string(),
  format: z.string(),
  out: z.string(),
  seed: z.number(),
  total_pictures: z.number(),
  classes: z.array(
    z.strictObject({
      name: z.string(),
      objects: z.number().optional(),
      pixels: z.number().optional(),
      pictures: z.number(),
    }),
  ),
  pictures: z.array(
    z.strictObject({
      file: z.string(),
      width: z.number(),
      height: z.number(),
      classes: z.array(
        z.strictObject({ class: z.string(), objects: z.number().optional(), pixels: z.number().optional() }),
      ),
    }),
  ),
  bad: z.array(z.string()),
});

/** Every picture has a disc, the last but one a ring as well; a crowd of squares in the first. */
const annotations = [
  ...Array.from({ length: COUNT }, (_, i) => ({
    image_id: 100 + i,
    category_id: 7,
    bbox: [20, 10, 40, 40],
    iscrowd: 0,
  })),
  { image_id: 110, category_id: 12, bbox: [60, 40, 30, 30], iscrowd: 0 },
  { image_id: 100, category_id: 3, bbox: [70, 10, 40, 60], iscrowd: 1 },
].map((annotation, i) => ({ id: i + 1, area: 100, ...annotation }));
const truth = {
  images: Array.from({ length: COUNT }, (_, i) => ({ id: 100 + i, file_name: name(i), width: 120, height: 80 })),
  categories: [
    { id: 12, name: 'ring' },
    { id: 7, name: 'disc' },
    { id: 3, name: 'square' },
    { id: 5, name: 'nothing' },
  ],
  annotations,
};
const coco = ['browse', '--images', 'images', '--annotations', 'gt.json'];
const labelled = ['browse', '--images', 'images', '--annotations', 'labels'];

beforeAll(async () => {
  const [images, labels] = [folderIn(cwd, 'images'), folderIn(cwd, 'labels')];
  for (let i = 0; i < COUNT; i++) {
    await writePicture(join(images, name(i)), drawPicture(120, 80, 10 * i));
    // The upper half class 0, the lower class 1; class 4 in one picture alone; a corner is ignored.
    await writeLabels(join(labels, name(i)), (x, y) =>
      x < 20 && y < 20 ? 255 : y < 40 ? 0 : i === 9 && x > 60 ? 4 : 1,
    );
  }
  writeFileSync(join(cwd, 'gt.json'), JSON.stringify(truth));
});

async function writeLabels(path: string, label: (x: number, y: number) => number, width = 120): Promise<void> {
  const values = Uint8Array.from({ length: width * 80 }, (_, i) => label(i % width, Math.floor(i / width)));
  const grey = sharp(values, { raw: { width, height: 80, channels: 1 } }).toColourspace('b-w');
  await grey.png().toFile(path);
}

async function browse(args: readonly string[]) {
  const { code, stdout, stderr } = await lowformer([...args, '--json', '-', '--quiet'], { cwd });
  expect([code, stderr]).toEqual([0, '']);
  return recordSchema.parse(JSON.parse(stdout));
}

describe('browse', () => {
  test('boxes of a COCO file: all classes among a few pictures, counts of the whole dataset', async () => {
    const record = await browse([...coco, '--out', 'boxes.png', '--count', '4', '--columns', '2']);
    expect(record.classes).toEqual([
      { name: 'ring', objects: 1, pictures: 1 },
      { name: 'disc', objects: 12, pictures: 12 },
      { name: 'square', objects: 1, pictures: 1 },
      { name: 'nothing', objects: 0, pictures: 0 },
    ]);
    expect([record.format, record.total_pictures, record.pictures.length]).toEqual(['coco', 12, 4]);
    const files = record.pictures.map(({ file }) => file);
    expect(files).toEqual(expect.arrayContaining(['p00.png', 'p10.png']));
    expect(files).toEqual(files.toSorted());
    expect(record.pictures.find(({ file }) => file === 'p10.png')).toEqual({
      file: 'p10.png',
      width: 120,
      height: 80,
      classes: [
        { class: 'ring', objects: 1 },
        { class: 'disc', objects: 1 },
      ],
    });
    const sheet = await decodeImage(join(cwd, 'boxes.png'));
    expect(sheet.width).toBe(12 + 320 + 10 + 320 + 12);
    for (const index of [0, 1, 2]) expect(countColour(sheet, classColour(index))).toBeGreaterThan(500);
    // A class without objects has its swatch in the legend and nothing else.
    expect(countColour(sheet, classColour(3))).toBe(11 * 11);
  });

  test('the same seed, the same sheet; another, another', async () => {
    const few = [...coco, '--count', '4'];
    const files = async (seed: string, out: string) =>
      (await browse([...few, '--seed', seed, '--out', out])).pictures.map(({ file }) => file).join();
    expect(await files('5', 'a.png')).toBe(await files('5', 'b.png'));
    const others = new Set(await Promise.all(['6', '7', '8'].map((seed) => files(seed, `${seed}.png`))));
    expect(others.size).toBeGreaterThan(1);
    const [a, b] = await Promise.all(['a.png', 'b.png'].map((file) => decodeImage(join(cwd, file))));
    expect(a).toEqual(b);
  });

  test('a folder of labels: blended, what is ignored hatched, pixels counted', async () => {
    const record = await browse([...labelled, '--out', 'labels.png', '--count', '2', '--columns', '1']);
    expect(record.format).toBe('folder');
    expect(record.classes.map(({ pixels }) => pixels)).toEqual([12 * 4400, 11 * 4800 + 40 * 61, 0, 0, 40 * 59]);
    expect(record.pictures.map(({ file }) => file)).toContain('p09.png');
    const sheet = await decodeImage(join(cwd, 'labels.png'));
    expect(countColour(sheet, classColour(4))).toBeGreaterThan(100);
  });

  test('names of labels, and labels that count from 1', async () => {
    writeFileSync(join(cwd, 'names.txt'), 'road\nsky\ntree\ncar\n');
    const args = [...labelled, '--classes', 'names.txt', '--reduce-zero-label', '--out', 'named.png'];
    const record = await browse(args);
    expect(record.classes.map((entry) => [entry.name, entry.pictures])).toEqual([
      ['road', 12],
      ['sky', 0],
      ['tree', 0],
      ['car', 1],
    ]);
  });

  test('a class alone, in tiles of another size', async () => {
    const record = await browse([...coco, '--class', 'ring', '--tile', '200', '--out', 'ring.png']);
    expect(record.pictures.map(({ file }) => file)).toEqual(['p10.png']);
    const sheet = await decodeImage(join(cwd, 'ring.png'));
    expect(countColour(sheet, classColour(0))).toBeGreaterThan(300);
    // The disc beside it is left out: its colour is in the legend alone.
    expect(countColour(sheet, classColour(1))).toBe(11 * 11);
    const two = await browse([...coco, '--class', 'ring', 'square', '--out', 'two_classes.png']);
    expect(two.pictures.map(({ file }) => file)).toEqual(['p00.png', 'p10.png']);
  });

  test('predictions to the right of what is annotated', async () => {
    const found = [
      { image_id: 110, category_id: 5, bbox: [20, 10, 60, 50], score: 0.9 },
      { image_id: 110, category_id: 3, bbox: [0, 0, 20, 20], score: 0.1 },
    ];
    writeFileSync(join(cwd, 'dt.json'), JSON.stringify(found));
    await browse([...coco, '--class', 'ring', 'nothing', '--predictions', 'dt.json', '--out', 'both.png']);
    const sheet = await decodeImage(join(cwd, 'both.png'));
    const half = (from: number) => {
      const rows = Array.from({ length: sheet.height }, (_, y) =>
        sheet.data.subarray((y * sheet.width + from) * 3, (y * sheet.width + from + 320) * 3),
      );
      return { width: 320, height: sheet.height, data: Uint8Array.from(rows.flatMap((row) => [...row])) };
    };
    const [left, right] = [half(12), half(12 + 320 + 4)];
    expect(countColour(left, classColour(0))).toBeGreaterThan(300);
    expect(countColour(right, classColour(3))).toBeGreaterThan(300);
    // What is below the threshold is not drawn.
    expect(countColour(right, classColour(2))).toBeLessThanOrEqual(11 * 11);
    const predicted = folderIn(cwd, 'predicted');
    for (let i = 0; i < COUNT; i++) await writeLabels(join(predicted, name(i)), () => 2);
    await browse([...labelled, '--predictions', 'predicted', '--count', '1', '--tile', '120', '--out', 'maps.png']);
    const maps = await decodeImage(join(cwd, 'maps.png'));
    expect(maps.width).toBeGreaterThanOrEqual(12 + 120 + 4 + 120 + 12);
  });

  test('class folders go without annotations', async () => {
    for (const [i, folder] of ['cat', 'dog', 'cat'].entries()) {
      await writePicture(join(folderIn(cwd, `classes/${folder}`), name(i)), drawPicture(40, 60));
    }
    const record = await browse(['browse', '--images', 'classes', '--format', 'imagenet', '--out', 'classes.jpg']);
    expect(record.classes.map((entry) => [entry.name, entry.pictures])).toEqual([
      ['cat', 2],
      ['dog', 1],
    ]);
    expect(record.pictures.map(({ file }) => file)).toEqual(['cat/p00.png', 'cat/p02.png', 'dog/p01.png']);
  });

  test('YOLO labels beside their list of names', async () => {
    const labels = folderIn(cwd, 'yolo');
    writeFileSync(join(labels, 'classes.txt'), 'disc\nring\n');
    writeFileSync(join(labels, 'p03.txt'), '1 0.5 0.5 0.25 0.5\n');
    const record = await browse([
      'browse',
      '--images',
      'images',
      '--annotations',
      'yolo',
      '--out',
      'y.png',
      '--count',
      '1',
    ]);
    expect([record.format, record.pictures[0]?.file]).toEqual(['yolo', 'p03.png']);
  });

  test('Pascal VOC with the classes that its files name', async () => {
    const folder = folderIn(cwd, 'voc');
    const box = '<bndbox><xmin>21</xmin><ymin>11</ymin><xmax>61</xmax><ymax>51</ymax></bndbox>';
    const text = `<annotation><object><name>disc</name><difficult>1</difficult>${box}</object></annotation>`;
    writeFileSync(join(folder, 'p04.xml'), text);
    const record = await browse(['browse', '--images', 'images', '--annotations', 'voc', '--out', 'v.png']);
    expect([record.format, record.total_pictures]).toEqual(['voc', 1]);
    expect(record.classes).toEqual([{ name: 'disc', objects: 1, pictures: 1 }]);
  });
});

describe('browse, mistakes', () => {
  test('pictures that cannot be read are named and skipped, the others drawn; what is not sampled is not looked at', async () => {
    const images = folderIn(cwd, 'damaged');
    for (const i of [0, 10, 3]) await writePicture(join(images, name(i)), drawPicture(120, 80));
    writeFileSync(join(images, name(5)), 'no picture');
    const some = { ...truth, images: truth.images.filter(({ id }) => [100, 103, 104, 105, 110].includes(id)) };
    const ids = new Set(some.images.map(({ id }) => id));
    const kept = annotations.filter(({ image_id }) => ids.has(image_id));
    writeFileSync(join(cwd, 'some.json'), JSON.stringify({ ...some, annotations: kept }));
    const args = ['browse', '--images', 'damaged', '--annotations', 'some.json', '--quiet'];
    const result = await lowformer([...args, '--out', 'some.png', '--json', 'some-sheet.json'], { cwd });
    const message = expectMistake(result);
    expect(message).toContain('The sheet shows 3 pictures. What cannot be drawn:');
    expect(message).toMatch(/p04\.png: .*There is no such file/);
    expect(message).toMatch(/p05\.png: .*It is none, or damaged/);
    expect(filesIn(cwd)).toEqual(expect.arrayContaining(['some.png', 'some-sheet.json']));
    // The two rare classes are in pictures that are whole: two of five are enough to show them all.
    const { code, stderr } = await lowformer([...args, '--count', '2', '--out', 'two.png'], { cwd });
    expect([code, stderr]).toEqual([0, '']);
  });

  test('annotations of a turned picture: drawn, marked and named', async () => {
    const images = folderIn(cwd, 'turned');
    await writePicture(join(images, 'p00.jpg'), drawPicture(120, 80), 6);
    const [first] = truth.images;
    const one = { ...truth, images: [{ ...first, file_name: 'p00.jpg' }], annotations: annotations.slice(0, 1) };
    writeFileSync(join(cwd, 'one.json'), JSON.stringify(one));
    const args = ['browse', '--images', 'turned', '--annotations', 'one.json', '--out', 'turned.png'];
    const message = expectMistake(await lowformer(args, { cwd }));
    expect(message).toContain('Drawn, but of another size than annotated:\n');
    expect(message).toContain("expected a picture of 120x80, as its annotations say, but received '80x120'");
    expect(countColour(await decodeImage(join(cwd, 'turned.png')), [190, 24, 40])).toBeGreaterThan(300);
  });

  test('label maps that are damaged, of another size, beyond the classes', async () => {
    const [images, labels] = [folderIn(cwd, 'three'), folderIn(cwd, 'three-labels')];
    for (let i = 0; i < 4; i++) await writePicture(join(images, name(i)), drawPicture(120, 80));
    await writeLabels(join(labels, name(0)), () => 1);
    writeFileSync(join(labels, name(1)), 'no label map');
    await writeLabels(join(labels, name(2)), () => 0, 100);
    await writeLabels(join(labels, name(3)), (x, y) => (x === 5 && y === 7 ? 9 : 0));
    const args = ['browse', '--images', 'three', '--annotations', 'three-labels', '--classes', 'names.txt', '--quiet'];
    writeFileSync(join(cwd, 'names.txt'), 'road\nsky\ntree\ncar\n');
    const message = expectMistake(await lowformer([...args, '--out', 'three.png'], { cwd }));
    expect(message).toContain('The sheet shows 1 picture.');
    expect(message).toContain('It is no PNG');
    expect(message).toMatch(/p02\.png: expected labels of 120x80, .* but received '100x80'/);
    expect(message).toMatch(
      /p03\.png: pixel \(5, 7\): expected a class from 0 to 3, or 255 \(ignored\) but received 9/,
    );
  });

  test('nothing can be drawn: nothing is written', async () => {
    folderIn(cwd, 'empty');
    const args = [
      'browse',
      '--images',
      'empty',
      '--annotations',
      'gt.json',
      '--out',
      'nothing.png',
      '--json',
      'no.json',
    ];
    const message = expectMistake(await lowformer([...args, '--quiet'], { cwd }));
    expect(message).toContain('Nothing was written. What cannot be drawn:');
    expect(filesIn(cwd)).not.toContain('nothing.png');
    expect(filesIn(cwd)).not.toContain('no.json');
  });

  test.each([
    [
      'an ending that is no picture',
      [...coco, '--out', 'sheet.txt'],
      "--out: expected a file name that ends in .png or .jpg but received 'sheet.txt'",
    ],
    ['a file for a folder', [...coco, '--out', 'gt.json/sheet.png'], 'There is a file where a folder is needed'],
    [
      'no annotations',
      ['browse', '--images', 'images', '--out', 'x.png'],
      '--annotations: expected a file or a folder of annotations',
    ],
    [
      'missing annotations',
      ['browse', '--images', 'images', '--annotations', 'none', '--out', 'x.png'],
      'There is no such file or folder.',
    ],
    ['too many', [...coco, '--out', 'x.png', '--count', '1001'], 'Expected at most 1000.'],
    ['no columns', [...coco, '--out', 'x.png', '--columns', '0'], 'Expected a whole number of 1 or more.'],
    [
      'a class that is not there',
      [...coco, '--out', 'x.png', '--class', 'rings'],
      "--class: expected one of the 4 classes (ring, disc, square, nothing) but received 'rings'. Did you mean 'ring'?",
    ],
    ['a class that nothing shows', [...coco, '--out', 'x.png', '--class', 'nothing'], '--class: expected a class that'],
    ['tiles too small', [...coco, '--out', 'x.png', '--tile', '9'], 'Expected a whole number from 64 to 4096.'],
    [
      'tiles that need gigabytes',
      [...coco, '--out', 'x.png', '--tile', '4096'],
      '--tile: expected at most 3651 pixels for 12 pictures but received 4096',
    ],
    ['predictions that are none', [...coco, '--out', 'x.png', '--predictions', 'gt.json'], 'a list of detections'],
    ['a format of no kind', [...coco, '--out', 'x.png', '--format', 'kitti'], "argument 'kitti' is invalid"],
  ])('%s', async (_, args, expected) => {
    expect(expectMistake(await lowformer(args, { cwd }))).toContain(expected);
    expect(filesIn(cwd)).not.toContain('x.png');
  });

  test('a folder of pictures in place of annotations', async () => {
    rmSync(join(cwd, 'odd'), { recursive: true, force: true });
    writeFileSync(join(folderIn(cwd, 'odd'), 'a.csv'), '');
    const args = ['browse', '--images', 'images', '--annotations', 'odd', '--out', 'x.png'];
    expect(expectMistake(await lowformer(args, { cwd }))).toContain('Say with --format what it is.');
  });
});
