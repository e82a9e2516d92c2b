import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ade20k } from '../../data/classes/ade20k.js';
import { cityscapes } from '../../data/classes/cityscapes.js';
import { pairFiles } from '../../data/pair_files.js';
import {
  ade20kFolders,
  cityscapesFolders,
  readAde20k,
  readCityscapes,
  readSegmentationFolders,
} from '../../data/segmentation_folders.js';
import { needs } from '../needs.js';
import { mistakeOf, sharedFile, temporaryFolder } from './temporary.js';

const empty = (paths: readonly string[]) => Object.fromEntries(paths.map((path) => [path, '']));

describe('a folder of pictures with a folder of label maps', () => {
  it('is matched by name, below folders too, sorted', async () => {
    const root = temporaryFolder(
      empty(['i/b.JPG', 'i/a.png', 'i/x/c.webp', 'i/._a.png', 'i/notes.txt', 'l/b.png', 'l/x/c.png', 'l/a.png']),
    );
    const dataset = await readSegmentationFolders({ images: join(root, 'i'), labels: join(root, 'l') });
    expect(dataset).toEqual({
      kind: 'segmentation',
      name: join(root, 'l'),
      classes: undefined,
      reduceZeroLabel: false,
      ignoreIndex: 255,
      samples: [
        { id: 'a', file: join(root, 'i/a.png'), labelFile: join(root, 'l/a.png') },
        { id: 'b', file: join(root, 'i/b.JPG'), labelFile: join(root, 'l/b.png') },
        { id: 'x/c', file: join(root, 'i/x/c.webp'), labelFile: join(root, 'l/x/c.png') },
      ],
    });
  });

  it('with a suffix on either side', async () => {
    const root = temporaryFolder(empty(['i/a_rgb.png', 'i/a_depth.png', 'l/a_labels.png', 'l/a_colour.png']));
    const folders = { images: join(root, 'i'), labels: join(root, 'l') };
    const { samples } = await readSegmentationFolders(folders, { imageSuffix: '_rgb.png', labelSuffix: '_labels.png' });
    expect(samples).toEqual([{ id: 'a', file: join(root, 'i/a_rgb.png'), labelFile: join(root, 'l/a_labels.png') }]);
  });

  it('passes over the overlays among predictions', async () => {
    const root = temporaryFolder(empty(['l/a.png', 'p/a.png', 'p/a.overlay.png']));
    const side = (folder: string) => ({ folder: join(root, folder), suffix: '.png', what: 'label map' });
    expect(await pairFiles(side('l'), side('p'))).toHaveLength(1);
  });

  it.each([
    [
      ['i/a.jpg', 'i/b.jpg', 'i/c.jpg', 'l/b.png'],
      'l: expected a label map NAME.png for every picture NAME.* in i. 2 of 3 have none: a.jpg, c.jpg.',
    ],
    [
      ['i/b.jpg', 'l/a.png', 'l/b.png'],
      'i: expected a picture NAME.* for every label map NAME.png in l. 1 of 2 have none: a.png.',
    ],
    [
      [...Array.from({ length: 9 }, (_, i) => `i/${i}.jpg`), 'l/8.png'],
      '8 of 9 have none: 0.jpg, 1.jpg, 2.jpg, 3.jpg, 4.jpg and 3 more.',
    ],
    [['i/a.jpg', 'i/a.png', 'l/a.png'], "i: expected one picture of a name but received 'a.jpg, a.png'"],
    [['i/a.txt', 'l/a.png'], 'i: expected a folder of pictures. Nothing in it is a picture.'],
    [['i/a.jpg', 'l/a.tif'], 'l: expected a folder of label maps. Nothing in it is named *.png.'],
    [['i/a.jpg'], 'l: expected a folder of label maps. There is no such folder.'],
    [['i/a.jpg', 'l'], 'l: expected a folder of label maps. It is a file.'],
  ])('%j', async (paths, message) => {
    const root = temporaryFolder(empty(paths));
    const read = () => readSegmentationFolders({ images: join(root, 'i'), labels: join(root, 'l') });
    expect(await mistakeOf(read, `${root}/`)).toContain(message);
  });

  const camvid = sharedFile('datasets/camvid');
  it('CamVid', needs('datasets', existsSync(camvid)), async () => {
    const dataset = await readSegmentationFolders({
      images: join(camvid, 'images/val'),
      labels: join(camvid, 'annotations/val'),
    });
    expect(dataset.samples.length).toBeGreaterThan(20);
    const predictions = sharedFile('parity/trained/camvid_val_predictions');
    const side = (folder: string) => ({ folder, suffix: '.png', what: 'label map' });
    expect(await pairFiles(side(join(camvid, 'annotations/val')), side(predictions))).toHaveLength(
      dataset.samples.length,
    );
  });
});

it('ADE20K as it is distributed', async () => {
  const root = temporaryFolder(
    empty([
      'images/validation/ADE_val_00000001.jpg',
      'annotations/validation/ADE_val_00000001.png',
      'objectInfo150.txt',
    ]),
  );
  const dataset = await readAde20k(ade20kFolders(root));
  expect(dataset).toMatchObject({ reduceZeroLabel: true, ignoreIndex: 255, classes: ade20k.classes });
  expect(dataset.samples.map(({ id }) => id)).toEqual(['ADE_val_00000001']);
  expect(dataset.classes).toHaveLength(150);
});

describe('Cityscapes as it is distributed', () => {
  const city = 'val/lindau/lindau_000000_000019';
  const files = [
    `leftImg8bit/${city}_leftImg8bit.png`,
    ...['labelIds', 'labelTrainIds', 'color', 'instanceIds'].map((kind) => `gtFine/${city}_gtFine_${kind}.png`),
    `gtFine/${city}_gtFine_polygons.json`,
  ];
  it.each(['labelIds', 'labelTrainIds'] as const)('%s', async (kind) => {
    const root = temporaryFolder(empty(files));
    const dataset = await readCityscapes(cityscapesFolders(root), kind);
    expect(dataset.samples).toEqual([
      {
        id: 'lindau/lindau_000000_000019',
        file: join(root, `leftImg8bit/${city}_leftImg8bit.png`),
        labelFile: join(root, `gtFine/${city}_gtFine_${kind}.png`),
      },
    ]);
    expect(dataset.labelMap?.get(33)).toBe(kind === 'labelIds' ? 18 : undefined);
    expect(dataset.classes).toEqual(cityscapes.classes);
    expect([cityscapes.classes.length, cityscapes.palette.length]).toEqual([19, 19]);
  });
});
