import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readYolo, readYoloFolders } from '../../data/yolo.js';
import { readYoloNames } from '../../data/yolo_config.js';
import { parseYoloLabels } from '../../data/yolo_lines.js';
import { drawnPicture, mistakeOf, temporaryFile, temporaryFolder } from './temporary.js';

const turned = readFileSync(fileURLToPath(new URL('../fixtures/images/exif_6.jpg', import.meta.url)));

async function dataset(config: string) {
  return temporaryFolder({
    'data.yaml': config,
    'images/val/a.jpg': await drawnPicture(200, 100),
    'images/val/b.png': await drawnPicture(10, 20, 'png'),
    'images/val/turned.jpg': turned,
    'labels/val/a.txt': '1 0.5 0.5 0.25 0.5\n0 0.125 0.25 0.25 0.5\r\n\n',
    'labels/val/turned.txt': '0 0.5 0.5 1 1\n',
    'labels/val/classes.txt': 'cat\ndog\n',
  });
}

describe('a YOLO dataset', () => {
  it.each([
    'names: [cat, dog]\nval: images/val\nnc: 2\n',
    'names: {0: cat, 1: dog}\nval: images/val\ntrain: [x, y]\n',
    'path: .\nnames:\n  1: dog\n  0: cat\nval: ../images/val\n',
  ])('%j', async (config) => {
    const root = await dataset(config);
    const { name, classes, categoryIds, samples } = await readYolo(join(root, 'data.yaml'));
    expect({ name, classes, categoryIds }).toEqual({
      name: join(root, 'data.yaml'),
      classes: ['cat', 'dog'],
      categoryIds: [1, 2],
    });
    expect(samples[0]).toMatchObject({
      id: 'a',
      file: join(root, 'images/val/a.jpg'),
      size: { width: 200, height: 100 },
      objects: [
        { id: 1, categoryId: 2, box: [75, 25, 50, 50], area: 2500, crowd: false, difficult: false },
        { id: 2, categoryId: 1, box: [0, 0, 50, 50], area: 2500, crowd: false, difficult: false },
      ],
    });
    expect(samples[1]).toMatchObject({ id: 'b', size: { width: 10, height: 20 }, objects: [] });
    // 60x40 in the file's header, turned when displayed.
    expect(samples[2]).toMatchObject({
      id: 'turned',
      size: { width: 40, height: 60 },
      objects: [{ box: [0, 0, 40, 60] }],
    });
  });

  it.each([
    ['val: images/val\n', 'data.yaml: names: expected a YOLO dataset'],
    ['names: {0: a, 2: b}\nval: images/val\n', "data.yaml: names: expected numbers from 0 to 1 but received '0, 2'"],
    ['names: [cat, dog]\nnc: 3\nval: images/val\n', 'data.yaml: nc: expected 2, the number of names but received 3'],
    ['names: [cat, dog]\n', 'data.yaml: val: expected a folder of pictures, or a list of them'],
    [
      'names: [cat, dog]\nval: pictures\n',
      "pictures: expected pictures below a folder 'images', and label files below 'labels' beside it. No part of the path is 'images'.",
    ],
    ['names: [cat, dog]\nval: images/none\n', 'There is no folder labels/none.'],
    [
      'names: [cat\nval: x\n',
      'data.yaml: expected a YOLO dataset: names (a list, or a map from numbers), path, train, val. It is no YAML: ',
    ],
    ['names: [cat]\nval: images/val\n', "labels/val/a.txt:1: expected a class from 0 to 0 but received '1'"],
  ])('%j', async (config, message) => {
    const root = await dataset(config);
    expect(await mistakeOf(() => readYolo(join(root, 'data.yaml')), `${root}/`)).toContain(message);
  });

  it('without labels, or with labels of no picture', async () => {
    const picture = await drawnPicture(4, 4);
    const root = temporaryFolder({ 'images/a.jpg': picture, 'labels/b.txt': '', 'empty/x.md': '' });
    const read = (labels: string) => () =>
      readYoloFolders({ images: join(root, 'images'), labels: join(root, labels), classes: ['a'] });
    expect(await mistakeOf(read('labels'), `${root}/`)).toBe(
      'labels: expected a picture in images for every label file. 1 have none: b.',
    );
    expect(await mistakeOf(read('empty'), `${root}/`)).toBe('empty: expected label files NAME.txt. There is none.');
    expect(await mistakeOf(read('none'), `${root}/`)).toBe(
      'none: expected a folder of YOLO label files. There is no such folder.',
    );
  });

  it('names in a list', async () => {
    expect(await readYoloNames(temporaryFile('classes.txt', 'red cell\r\nwhite cell\n'))).toEqual([
      'red cell',
      'white cell',
    ]);
    expect(await readYoloNames(temporaryFile('data.yml', 'names: [a, b]'))).toEqual(['a', 'b']);
  });
});

describe('what is wrong with a line is named', () => {
  it.each([
    ['0 0.5 0.5 0.5', "a.txt:1: expected 5 numbers 'class cx cy width height' but received '0 0.5 0.5 0.5'"],
    [
      '\n0 0.1 0.1 0.2 0.1 0.9',
      "a.txt:2: expected 5 numbers 'class cx cy width height' but received '0 0.1 0.1 0.2 0.1 0.9'. This looks like predictions with their scores.",
    ],
    ['0 0.5 0.5 -0.5 0.5', "a.txt:1: expected numbers from 0 to 1 but received '-0.5'"],
    [
      '0 120 60 40 20',
      "a.txt:1: expected numbers from 0 to 1 but received '120'. Numbers are shares of the width and height, not pixels.",
    ],
    ['0 0.5 nan 0.5 0.5', "a.txt:1: expected numbers from 0 to 1 but received 'nan'"],
    ['2 0.5 0.5 0.5 0.5', "a.txt:1: expected a class from 0 to 1 but received '2'"],
    ['cat 0.5 0.5 0.5 0.5', "a.txt:1: expected a class from 0 to 1 but received 'cat'"],
  ])('%j', async (text, message) => {
    expect(await mistakeOf(() => parseYoloLabels(text, 'a.txt', { classes: 2 }))).toContain(message);
  });
});
