/** What is wrong with the data is said before the first step. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { collectNotes, noteText } from '../../../core/notes.js';
import { readCoco } from '../../../data/coco.js';
import { checkPictures } from '../../../training/loading/check_pictures.js';
import { detectionTrainingData, filterSchema } from '../../../training/loading/detection_data.js';
import { checkLabelMaps, segmentationTrainingData } from '../../../training/loading/segmentation_data.js';
import { classesOf, objectCount } from '../../../training/loading/training_data.js';
import {
  BOXES,
  CLASSES,
  emptyFolder,
  SIZES,
  segmentationLoading,
  writeCoco,
  writeLabels,
  writePictures,
} from './small_set.js';

const folder = emptyFolder();
const images = join(folder, 'images');
beforeAll(() => writePictures(folder));
afterAll(() => rmSync(folder, { recursive: true }));

const filter = (given: object) => filterSchema.parse(given);

describe('detection', () => {
  test('a table of all objects, by class names and not by position', async () => {
    const dataset = await readCoco(writeCoco(folder, BOXES), images);
    const data = await detectionTrainingData(dataset, { classes: ['square', 'round'] });
    expect(data.files).toHaveLength(SIZES.length);
    expect([...data.sizes]).toEqual(SIZES.flat());
    expect([...data.boxes.subarray(0, 8)]).toEqual([1, 2, 11, 14, 28, 20, 40, 30]);
    expect([...data.labels.subarray(0, 2)]).toEqual([1, 0]);
    expect(objectCount(data, SIZES.length - 1)).toBe(0);
    expect([...classesOf(data, 0)].toSorted()).toEqual([0, 1]);
    expect(data.boxes.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  test('mmdet leaves out these boxes; each kind is noted once, with a count', async () => {
    const boxes = [
      [
        [50, 5, 10, 10],
        [-20, 5, 10, 10],
        [0, 0, 0, 5],
        [3, 3, 0.5, 4],
        [5, 5, 10, 10],
        [30, 5, 20, 10],
      ],
      ...BOXES.slice(1),
    ] as const;
    const notes = collectNotes();
    const file = writeCoco(folder, boxes);
    const data = await detectionTrainingData(await readCoco(file, images), { classes: CLASSES }, { notes });
    expect([...data.boxes.subarray(0, 8)]).toEqual([5, 5, 15, 15, 30, 5, 50, 15]);
    expect(objectCount(data, 0)).toBe(2);
    const picture = join(images, '0.png');
    expect(notes.list().map(noteText)).toEqual([
      `${file}: Boxes outside the picture are left out (2: ${picture} (40x30) [50, 5, 10, 10], ${picture} (40x30) [-20, 5, 10, 10])`,
      `${file}: Boxes without width or height are left out (1: ${picture} (40x30) [0, 0, 0, 5])`,
      `${file}: Boxes of less than one pixel each way, or without area, are left out (1: ${picture} (40x30) [3, 3, 0.5, 4])`,
      `${file}: Boxes reach over the border; the steps cut them (1: ${picture} (40x30) [30, 5, 20, 10])`,
      `${file}: Pictures without objects are trained on as background (1: ${join(images, '6.png')})`,
    ]);
  });

  test('crowds count neither as objects nor as background', async () => {
    const file = writeCoco(folder, BOXES);
    const json = JSON.parse(readFileSync(file, 'utf8'));
    const annotations = json.annotations.map((entry: object, i: number) => ({ ...entry, iscrowd: i === 1 ? 1 : 0 }));
    const crowded = await readCoco(writeCoco(folder, BOXES, { annotations }), images);
    const data = await detectionTrainingData(crowded, { classes: CLASSES });
    expect([...data.ignored.subarray(0, 3)]).toEqual([0, 1, 0]);
  });

  test('filter_cfg', async () => {
    const notes = collectNotes();
    const dataset = await readCoco(writeCoco(folder, BOXES), images);
    const options = { filter: filter({ filter_empty_gt: true, min_size: 32 }), notes };
    const data = await detectionTrainingData(dataset, { classes: CLASSES }, options);
    expect(data.files.map((file) => file.slice(-5))).toEqual(['2.png', '3.png', '4.png']);
    expect(notes.list().map(({ kind, count }) => [kind, count])).toEqual([
      ['small-picture', 3],
      ['picture-without-objects', 1],
    ]);
    const none = detectionTrainingData(dataset, { classes: CLASSES }, { filter: filter({ min_size: 99 }) });
    await expect(none).rejects.toThrow(
      "expected a picture to train on but received 'none'. Of 7 pictures nothing is left",
    );
    const empty = await readCoco(writeCoco(folder, [[]]), images);
    await expect(detectionTrainingData(empty, { classes: CLASSES })).rejects.toThrow('expected an object to train on');
  });

  test('a class that one side alone has', async () => {
    const dataset = await readCoco(writeCoco(folder, BOXES), images);
    await expect(detectionTrainingData(dataset, { classes: ['round'] })).rejects.toMatchObject({
      code: 'invalid-argument',
    });
    await expect(detectionTrainingData(dataset, { classes: [...CLASSES, 'flat'] })).rejects.toThrow('flat');
  });
});

test('pictures that are not as their annotations say, and categories that are not listed', async () => {
  const check = async (file: string) => {
    const notes = collectNotes();
    await checkPictures(await readCoco(file, images, { notes }), notes);
  };
  await check(writeCoco(folder, BOXES));
  const listed = SIZES.map(([width, height], id) => ({ id, width, height, file_name: `${id}.png` }));
  const other = listed.map((image) => (image.id === 2 ? { ...image, width: 32, height: 48 } : image));
  await expect(check(writeCoco(folder, BOXES, { images: other }))).rejects.toThrow(
    "2.png: expected a picture of 32x48, as its annotations say, but received '48x32'",
  );
  const missing = listed.map((image) => (image.id === 3 ? { ...image, file_name: 'x.png' } : image));
  await expect(check(writeCoco(folder, BOXES, { images: missing }))).rejects.toThrow('1 of 7 are missing');
  await expect(check(writeCoco(folder, BOXES, { categories: [{ id: 1, name: 'round' }] }))).rejects.toThrow(
    'expected every category_id among "categories" but received \'6 that are not',
  );
});

describe('segmentation', () => {
  test('all label maps that are wrong are named at once', async () => {
    const own = emptyFolder();
    await writePictures(own);
    const { data } = await segmentationLoading(own, { size_divisor: 1 });
    if (data.kind !== 'segmentation') throw new Error('expected label maps');
    await checkLabelMaps(data);
    await writeLabels(join(own, 'labels', '1.png'), 30, 40, (at) => (at === 0 ? 2 : 0));
    await writeLabels(join(own, 'labels', '4.png'), 33, 47, () => 254);
    await expect(checkLabelMaps(data)).rejects.toThrow(/2 mistakes in all:[\s\S]*1\.png: pixel \(0, 0\)[\s\S]*4\.png/);
    await checkLabelMaps(data, 1);
    await writeLabels(join(own, 'labels', '4.png'), 33, 46, () => 0);
    await expect(checkLabelMaps(data)).rejects.toThrow(/4\.png: expected a label map of 33x47, as .*4\.png is, but/);
    // Labels that count from 1.
    await writeLabels(join(own, 'labels', '1.png'), 30, 40, (at) => at % 3);
    await writeLabels(join(own, 'labels', '4.png'), 33, 47, () => 255);
    await checkLabelMaps({ ...data, reduceZeroLabel: true });
    rmSync(own, { recursive: true });
  });

  test('nothing to train on', () => {
    const empty = {
      kind: 'segmentation',
      name: 'a',
      classes: undefined,
      samples: [],
      reduceZeroLabel: false,
      ignoreIndex: 255,
    } as const;
    expect(() => segmentationTrainingData(empty, 2)).toThrow('a: expected a picture to train on');
  });
});
