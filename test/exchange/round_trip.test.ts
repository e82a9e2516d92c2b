import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { collectNotes } from '../../core/notes.js';
import type { DetectionDataset } from '../../data/dataset.js';
import { convertDataset } from '../../exchange/convert.js';
import type { ExchangeFormat, Feature } from '../../exchange/define.js';
import { EXCHANGE_FORMATS } from '../../exchange/formats/index.js';
import { objectSource } from '../../exchange/source.js';
import { openDetectionDataset } from '../../scoring/open_detection.js';

const folder = mkdtempSync(join(tmpdir(), 'lowformer-exchange-'));
afterAll(() => rmSync(folder, { recursive: true }));
const images = join(folder, 'images');
const { signal } = new AbortController();

const formats = EXCHANGE_FORMATS.names()
  .map((name) => EXCHANGE_FORMATS.get(name, '--to'))
  .filter(({ needsScores, boxes }) => needsScores !== true && boxes !== false);

/** Ids neither sorted nor counted, a class without an object, names that have to be quoted and escaped. */
const CLASSES = [
  [7, 'a, "b" & <c>'],
  [3, '信号'],
  [12, 'never seen'],
  [5, 'no'],
] as const;
const annotation = (id: number, image_id: number, category_id: number, bbox: readonly number[], more: object = {}) => ({
  ...{ id, image_id, category_id, bbox, iscrowd: 0 },
  area: (bbox[2] ?? 0) * (bbox[3] ?? 0),
  ...more,
});
const truth = (boxes: (box: readonly number[]) => readonly number[]) => ({
  images: [
    { id: 30, file_name: 'day 1/b.jpg', width: 64, height: 48 },
    { id: 10, file_name: 'a.png', width: 30, height: 20 },
    { id: 20, file_name: 'empty & <odd>.png', width: 17, height: 33 },
  ],
  categories: CLASSES.map(([id, name]) => ({ id, name })),
  annotations: [
    annotation(11, 30, 5, boxes([1.25, 2.5, 30.125, 12.3])),
    annotation(4, 10, 3, boxes([0, 0, 30, 20]), { area: 123.5 }),
    annotation(8, 30, 7, boxes([10.7, 20.1, 1 / 3, 7]), { difficult: 1 }),
    annotation(9, 10, 3, boxes([29, 19, 1, 1]), { iscrowd: 1 }),
  ],
});

beforeAll(async () => {
  mkdirSync(join(images, 'day 1'), { recursive: true });
  for (const { file_name, width, height } of truth((box) => box).images)
    await sharp({ create: { width, height, channels: 3, background: 'grey' } }).toFile(join(images, file_name));
  writeFileSync(join(folder, 'exact.json'), JSON.stringify(truth((box) => box)));
  writeFileSync(join(folder, 'whole.json'), JSON.stringify(truth((box) => box.map(Math.ceil))));
});

const open = (annotations: string, format: string): Promise<DetectionDataset> =>
  openDetectionDataset({ annotations, images, format, missingArea: 'box', notes: collectNotes() }, undefined);

/** Where a reader of the format is to look, in what its writer has made. */
const PLACES: Readonly<Record<string, string>> = { yolo: '/data.yaml', voc: '/Annotations' };

async function written(dataset: DetectionDataset, format: ExchangeFormat, name: string) {
  const out = join(folder, name);
  const notes = collectNotes();
  const places = { images, copyImages: false };
  await convertDataset(objectSource(dataset, places), format, { out, copyImages: false, notes, signal });
  return {
    out: out + (PLACES[format.type] ?? ''),
    lost: notes.list().map(({ kind, count }) => [kind.slice(5), count]),
  };
}

/** What has to be the same whatever a format keeps: which pictures, and which classes where in them. */
function essence({ samples, classes, categoryIds }: DetectionDataset, keepsEmpty = true) {
  return samples
    .filter(({ objects }) => keepsEmpty || objects.length > 0)
    .map(({ file, size, objects }) => ({
      file,
      size,
      objects: objects.map(({ box, categoryId }) => {
        const rounded = box.map((value) => Math.round(value * 1e8) / 1e8);
        return `${classes[categoryIds.indexOf(categoryId)]} ${rounded.join(' ')}`;
      }),
    }))
    .sort((a, b) => (a.file < b.file ? -1 : 1));
}

const pairs = formats.flatMap((first) => formats.map((second) => [first.type, second.type] as const));

describe('from COCO to a format, to another, and back', () => {
  test.each(pairs)('%s, %s', async (one, other) => {
    const [first, second] = [EXCHANGE_FORMATS.get(one, ''), EXCHANGE_FORMATS.get(other, '')];
    const both = (feature: Feature) => first.keeps.has(feature) && second.keeps.has(feature);
    const source = await open(join(folder, both('fraction') ? 'exact.json' : 'whole.json'), 'coco');
    const there = await written(source, first, `${one}-${other}-1`);
    const further = await written(await open(there.out, one), second, `${one}-${other}-2`);
    const back = await written(await open(further.out, other), EXCHANGE_FORMATS.get('coco', ''), `${one}-${other}-3`);
    const result = await open(back.out, 'coco');
    expect(essence(result)).toEqual(essence(source));
    // The order of the classes, and those without an object, where formats list them.
    if (both('classOrder')) expect(result.classes).toEqual(source.classes);
    else expect(source.classes).toEqual(expect.arrayContaining([...result.classes]));
    if (both('categoryId')) {
      const idOf = new Map(source.classes.map((name, i) => [name, source.categoryIds[i]]));
      expect(result.categoryIds).toEqual(result.classes.map((name) => idOf.get(name)));
    }
    const objects = (dataset: DetectionDataset) =>
      dataset.samples.toSorted((a, b) => (a.file < b.file ? -1 : 1)).flatMap((one) => one.objects);
    const [before, after] = [objects(source), objects(result)];
    if (both('crowd')) expect(after.map(({ crowd }) => crowd)).toEqual(before.map(({ crowd }) => crowd));
    if (both('difficult')) expect(after.map((one) => one.difficult)).toEqual(before.map((one) => one.difficult));
    if (both('objectId')) expect(after.map(({ id }) => id)).toEqual(before.map(({ id }) => id));
    if (both('area')) {
      const areas = (some: typeof before) => some.map(({ area }) => Math.round(area * 1e8) / 1e8);
      expect(areas(after)).toEqual(areas(before));
    }
    if (both('pictureId')) {
      const idsOf = ({ samples }: DetectionDataset) => new Map(samples.map(({ file, id }) => [file, id]));
      expect(idsOf(result)).toEqual(idsOf(source));
    }
  });
});

test.each([
  ['coco', []],
  ['geojson', []],
  ['csv', [['classOrder', 4]]],
  [
    'cvat',
    [
      ['area', 1],
      ['objectId', 4],
      ['categoryId', 4],
    ],
  ],
  [
    'labelstudio',
    [
      ['crowd', 1],
      ['difficult', 1],
      ['area', 1],
      ['objectId', 4],
      ['categoryId', 4],
      ['classOrder', 4],
    ],
  ],
  [
    'labelme',
    [
      ['pictureId', 3],
      ['crowd', 1],
      ['area', 1],
      ['objectId', 4],
      ['categoryId', 4],
    ],
  ],
  [
    'yolo',
    [
      ['pictureId', 3],
      ['crowd', 1],
      ['difficult', 1],
      ['area', 1],
      ['objectId', 4],
      ['categoryId', 4],
    ],
  ],
  [
    'voc',
    [
      ['pictureId', 3],
      ['crowd', 1],
      ['area', 1],
      ['fraction', 2],
      ['objectId', 4],
      ['categoryId', 4],
    ],
  ],
])('what %s does not keep is counted', async (name, lost) => {
  const format = EXCHANGE_FORMATS.get(name, '');
  const { lost: told } = await written(await open(join(folder, 'exact.json'), 'coco'), format, `lost-${name}`);
  expect(new Map(told.map(([kind, count]) => [kind, count]))).toEqual(
    new Map(lost.map(([kind, count]) => [kind, count])),
  );
});
