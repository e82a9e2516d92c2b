/** Label maps go to every format that holds them and come back pixel for pixel. */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { collectNotes } from '../../core/notes.js';
import { ade20k } from '../../data/classes/ade20k.js';
import { cityscapes } from '../../data/classes/cityscapes.js';
import type { SegmentationDataset } from '../../data/dataset.js';
import { readLabelMap, readSampleLabels } from '../../data/label_map.js';
import {
  cityscapesFolders,
  readAde20k,
  readCityscapes,
  readSegmentationFolders,
} from '../../data/segmentation_folders.js';
import { writeLabelMap } from '../../drawing/label_map.js';
import { convertDataset } from '../../exchange/convert.js';
import { EXCHANGE_FORMATS } from '../../exchange/formats/index.js';
import { labelMapSource } from '../../exchange/label_map_source.js';
import { type MarkSource, objectSource } from '../../exchange/source.js';
import { openDetectionDataset } from '../../scoring/open_detection.js';

const folder = mkdtempSync(join(tmpdir(), 'lowformer-label-maps-'));
afterAll(() => rmSync(folder, { recursive: true }));
const [images, labels] = [join(folder, 'images'), join(folder, 'labels')];
const { signal } = new AbortController();
const CLASSES = ['road', 'never seen', 'car, "red"', '信号'];

/** Blobs with holes, islands and single pixels; ignored pixels among them. */
function drawn(width: number, height: number, values: readonly number[], grain: number) {
  const map = Uint8Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    const wave = Math.sin(x / grain) + Math.cos(y / grain) + Math.sin((x + 2 * y) / (grain * 1.7));
    return values[Math.floor((wave + 3) * 7) % values.length] ?? 0;
  });
  return { width, height, labels: map };
}
const MAPS = {
  'day 1/a': drawn(61, 47, [0, 2, 255, 3], 6),
  b: drawn(30, 40, [3, 0], 1.3),
  'nothing but void': drawn(7, 5, [255], 3),
};

beforeAll(async () => {
  mkdirSync(join(images, 'day 1'), { recursive: true });
  mkdirSync(join(labels, 'day 1'), { recursive: true });
  for (const [id, map] of Object.entries(MAPS)) {
    const { width, height } = map;
    await sharp({ create: { width, height, channels: 3, background: 'grey' } }).toFile(join(images, `${id}.jpg`));
    await writeLabelMap(join(labels, `${id}.png`), { ...map });
  }
});

async function written(source: MarkSource, type: string, name: string) {
  const notes = collectNotes();
  const out = join(folder, name);
  await convertDataset(source, EXCHANGE_FORMATS.get(type, '--to'), { out, copyImages: false, notes, signal });
  return { out, lost: notes.list().map(({ kind, count }) => [kind.slice(5), count]) };
}

const sourceOf = async (dataset: Promise<SegmentationDataset>, classes: readonly string[] = CLASSES) =>
  labelMapSource(await dataset, { images, classes, palette: undefined });
const maps = () => sourceOf(readSegmentationFolders({ images, labels }));

async function pixels(out: string) {
  const ids = Object.keys(MAPS);
  const read = await Promise.all(ids.map((id) => readLabelMap(join(out, `${id}.png`))));
  return Object.fromEntries(read.map((map, i) => [ids[i], map]));
}

const objectFormats = EXCHANGE_FORMATS.names().filter((name) => {
  const { shapes, labelMaps, disjoint } = EXCHANGE_FORMATS.get(name, '');
  // What is read as label maps again has a test of its own: coco_panoptic.test.ts.
  return shapes !== undefined && labelMaps !== true && disjoint !== true;
});
/** What `--from` calls the format that these are read as. */
const READ_AS: Readonly<Record<string, string>> = {
  ...{ 'coco-polygons': 'coco', 'yolo-seg': 'yolo', 'cvat-masks': 'cvat' },
  'labelstudio-masks': 'labelstudio',
};
/** And where they lie in what was written. */
const PLACES: Readonly<Record<string, string>> = { 'yolo-seg': '/data.yaml' };

describe('a folder of label maps to a format of objects and back', () => {
  test.each(objectFormats)('%s', async (type) => {
    const { out } = await written(await maps(), type, type);
    const format = READ_AS[type] ?? type;
    const places = {
      annotations: out + (PLACES[type] ?? ''),
      images,
      format,
      missingArea: 'box',
      outlines: 'kept',
    } as const;
    const dataset = await openDetectionDataset({ ...places, notes: collectNotes() }, undefined);
    const back = await written(objectSource(dataset, { images, copyImages: false }), 'folder', `${type}-back`);
    // Of formats without a list of classes, they come sorted.
    const number = (label: number) => (label === 255 ? 255 : dataset.classes.indexOf(CLASSES[label] ?? ''));
    const expected = Object.entries(MAPS).map(([id, map]) => [id, { ...map, labels: map.labels.map(number) }]);
    expect(await pixels(back.out)).toEqual(Object.fromEntries(expected));
    expect(back.lost.map(([kind]) => kind)).not.toContain('overlap');
  });
});

test.each(['folder', 'folder-grey'])('a folder of label maps to %s', async (type) => {
  const { out, lost } = await written(await maps(), type, `only-${type}`);
  expect(await pixels(out)).toEqual(MAPS);
  expect(lost).toEqual([]);
  const { channels } = await sharp(join(out, 'b.png')).metadata();
  expect(channels).toBe(type === 'folder' ? 3 : 1);
});

test("ADE20K's labels count from 1, and it holds its own classes alone", async () => {
  await expect(written(await maps(), 'ade20k', 'ade-refused')).rejects.toThrow(
    /--to: expected the 150 classes of ADE20K in their order but received .*4 classes/,
  );
  const { out } = await written(
    await sourceOf(readSegmentationFolders({ images, labels }), ade20k.classes),
    'ade20k',
    'ade',
  );
  expect((await readLabelMap(join(out, 'b.png'))).labels).toEqual(MAPS.b.labels.map((label) => label + 1));
  const back = await written(await sourceOf(readAde20k({ images, labels: out }), ade20k.classes), 'folder', 'ade-back');
  expect(await pixels(back.out)).toEqual(MAPS);
});

describe('Cityscapes', () => {
  const streets = join(folder, 'streets/val');
  const NAMES = ['bonn_000000_000019_leftImg8bit.png', 'ulm_000001_000002.jpg'];
  const source = async (names = NAMES) => {
    for (const at of ['images', 'labels']) rmSync(join(streets, at), { recursive: true, force: true });
    for (const at of ['images', 'labels']) mkdirSync(join(streets, at), { recursive: true });
    for (const name of names) {
      const { width, height } = MAPS['day 1/a'];
      const create = { width, height, channels: 3, background: 'grey' } as const;
      await sharp({ create }).toFile(join(streets, 'images', name));
      await writeLabelMap(join(streets, 'labels', name.replace(/\.\w+$/, '.png')), { ...MAPS['day 1/a'] });
    }
    const folders = { images: join(streets, 'images'), labels: join(streets, 'labels') };
    return labelMapSource(await readSegmentationFolders(folders), {
      ...{ images: folders.images, classes: cityscapes.classes, palette: undefined },
    });
  };

  test('label ids and train ids where its scripts look for them, and its own reader finds the same', async () => {
    const { out, lost } = await written(await source(), 'cityscapes', 'cityscapes');
    expect(lost).toEqual([]);
    const at = join(out, 'gtFine/val/bonn/bonn_000000_000019_gtFine');
    const train = await readLabelMap(`${at}_labelTrainIds.png`);
    expect(train).toEqual(MAPS['day 1/a']);
    // Of cityscapesScripts' labels.py: road 7, building 11, wall 12, unlabeled 0.
    const ids = await readLabelMap(`${at}_labelIds.png`);
    const numbers = new Map([
      [0, 7],
      [2, 11],
      [3, 12],
      [255, 0],
    ]);
    expect(ids.labels).toEqual(MAPS['day 1/a'].labels.map((label) => numbers.get(label) ?? 99));
    for (const kind of ['labelIds', 'labelTrainIds'] as const) {
      const dataset = await readCityscapes(cityscapesFolders(out), kind);
      expect(dataset.samples.map(({ id }) => id)).toEqual(['bonn/bonn_000000_000019', 'ulm/ulm_000001_000002']);
      for (const sample of dataset.samples) {
        expect((await readSampleLabels(dataset, sample)).labels).toEqual(MAPS['day 1/a'].labels);
        expect((await sharp(sample.file).metadata()).format).toBe('png');
      }
    }
  });

  test('other names of pictures and classes are refused, and nothing is written', async () => {
    const odd = await source(['a.png']);
    await expect(written(odd, 'cityscapes', 'cityscapes-odd')).rejects.toThrow(
      /--to cityscapes: expected a picture called CITY_SEQUENCE_FRAME.* but received 'a\.png'/,
    );
    await expect(written(await maps(), 'cityscapes', 'cityscapes-other')).rejects.toThrow(
      /--to: expected the 19 classes of Cityscapes .*'4 classes, and these are none of them: never seen, car, "red", 信号/,
    );
    const twins = await source(['bonn_0_1_leftImg8bit.png', 'bonn_0_1.png']);
    await expect(written(twins, 'cityscapes', 'cityscapes-twins')).rejects.toThrow(
      /--to cityscapes: expected each city, sequence and frame once but received 'bonn_0_1/,
    );
    for (const name of ['cityscapes-twins', 'cityscapes-odd', 'cityscapes-other'])
      expect(existsSync(join(folder, name))).toBe(false);
  });
});

test('more than 255 classes take 16 bits', async () => {
  const many = Array.from({ length: 300 }, (_, i) => `class ${i}`);
  const dataset = readSegmentationFolders({ images, labels }, { ignoreIndex: 65535, labelMap: new Map([[2, 299]]) });
  const { out } = await written(await sourceOf(dataset, many), 'folder', 'many');
  const changed = MAPS.b.labels.map((label) => label);
  expect((await readLabelMap(join(out, 'b.png'))).labels).toEqual(Uint16Array.from(changed));
  const wide = (await readLabelMap(join(out, 'day 1/a.png'))).labels;
  expect(wide).toEqual(Uint16Array.from(MAPS['day 1/a'].labels, (label) => (label === 2 ? 299 : label)));
});

test('a label without class is refused, and nothing is written', async () => {
  const few = await sourceOf(readSegmentationFolders({ images, labels }), ['road', 'car', 'bus']);
  await expect(written(few, 'coco', 'few.json')).rejects.toThrow(
    /b\.png: pixel \(\d+, \d+\): expected a label from 0 to 2, one for each class, or 255, which is ignored, but received 3.*--reduce-zero-label/,
  );
});
