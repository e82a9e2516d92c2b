/** COCO's outlines go to the formats that hold some, and what these make of them covers the same pixels. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { collectNotes } from '../../core/notes.js';
import type { DetectionDataset } from '../../data/dataset.js';
import { convertDataset } from '../../exchange/convert.js';
import { EXCHANGE_FORMATS } from '../../exchange/formats/index.js';
import { objectSource } from '../../exchange/source.js';
import { compressRuns } from '../../geometry/mask_runs.js';
import { shapeRuns } from '../../geometry/shape.js';
import { openDetectionDataset } from '../../scoring/open_detection.js';

const folder = mkdtempSync(join(tmpdir(), 'lowformer-outlines-'));
afterAll(() => rmSync(folder, { recursive: true }));
const images = join(folder, 'images');
const { signal } = new AbortController();

const twoParts = [
  [2.25, 3.5, 20.1, 3.5, 11.3, 14.7],
  [30.2, 5.1, 40.4, 6.2, 41.6, 20.3, 29.8, 17.9],
];
const annotation = (id: number, category_id: number, segmentation: unknown, bbox: readonly number[], more = {}) => ({
  ...{ id, image_id: 1, category_id, segmentation, bbox, area: 100, iscrowd: 0 },
  ...more,
});
const truth = {
  images: [{ id: 1, file_name: 'a.png', width: 48, height: 32 }],
  categories: ['disc', 'crowd', 'pair', 'box'].map((name, i) => ({ id: i + 1, name })),
  annotations: [
    annotation(1, 1, [[10.5, 20.25, 18.125, 22.5, 16.75, 30.1, 9.3, 29.4]], [9.3, 20.25, 8.825, 9.85], { area: 63.7 }),
    // Two blocks of 3x4 pixels and a hole.
    annotation(2, 2, { size: [32, 48], counts: [37, 4, 28, 1, 2, 1, 28, 4, 60, 4, 28, 4, 1335] }, [1, 5, 5, 4], {
      iscrowd: 1,
    }),
    annotation(3, 3, twoParts, [2.25, 3.5, 39.35, 16.8]),
    annotation(4, 4, [], [30.5, 22.5, 10, 6]),
  ],
};
const total = 37 + 4 + 28 + 1 + 2 + 1 + 28 + 4 + 60 + 4 + 28 + 4;

beforeAll(async () => {
  mkdirSync(images);
  await sharp({ create: { width: 48, height: 32, channels: 3, background: 'grey' } }).toFile(join(images, 'a.png'));
  const crowd = truth.annotations[1]?.segmentation;
  if (typeof crowd === 'object' && crowd !== null && 'counts' in crowd && Array.isArray(crowd.counts))
    crowd.counts[crowd.counts.length - 1] = 48 * 32 - total;
  writeFileSync(join(folder, 'gt.json'), JSON.stringify(truth));
});

const open = (annotations: string, format: string) =>
  openDetectionDataset(
    { annotations, images, format, missingArea: 'box', outlines: 'kept', notes: collectNotes() },
    undefined,
  );

async function written(dataset: DetectionDataset, type: string, name: string) {
  const notes = collectNotes();
  const out = join(folder, name);
  const source = objectSource(dataset, { images, copyImages: false });
  await convertDataset(source, EXCHANGE_FORMATS.get(type, '--to'), { out, copyImages: false, notes, signal });
  return { out, lost: Object.fromEntries(notes.list().map(({ kind, count }) => [kind.slice(5), count])) };
}

/** By class, the pixels of each object, as text. */
function masks({ samples, classes, categoryIds }: DetectionDataset) {
  const size = { width: 48, height: 32 };
  return samples.flatMap(({ objects }) =>
    objects.map(({ categoryId, shape, box }) => [
      classes[categoryIds.indexOf(categoryId)],
      shape === undefined ? box.map((value) => Math.round(value * 1e6) / 1e6) : compressRuns(shapeRuns(shape, size)),
    ]),
  );
}

describe('from COCO to a format of outlines and back', () => {
  test.each([
    ['coco', 'coco', {}],
    ['coco-polygons', 'coco', {}],
    ['geojson', 'geojson', { ownBox: 1 }],
    ['cvat', 'cvat', { area: 4, objectId: 4, ownBox: 1 }],
    ['cvat-masks', 'cvat', { area: 4, objectId: 4, ownBox: 1 }],
    ['labelme', 'labelme', { pictureId: 1, crowd: 1, area: 4, objectId: 4, ownBox: 1 }],
    ['yolo-seg', 'yolo', { pictureId: 1, crowd: 1, area: 4, objectId: 4, ownBox: 1, bareBox: 1 }],
    ['labelstudio', 'labelstudio', { crowd: 1, area: 4, objectId: 4, classOrder: 4, ownBox: 1, part: 2 }],
    ['labelstudio-masks', 'labelstudio', { crowd: 1, area: 4, objectId: 4, classOrder: 4, ownBox: 1, part: 1 }],
  ])('%s', async (to, from, lost) => {
    const source = await open(join(folder, 'gt.json'), 'coco');
    const there = await written(source, to, to);
    expect(there.lost).toEqual(lost);
    const read = await open(there.out + (to === 'yolo-seg' ? '/data.yaml' : ''), from);
    const back = await open((await written(read, 'coco', `${to}-back.json`)).out, 'coco');
    const [before, after] = [masks(source), masks(back)];
    // A box has become the outline of its corners.
    const kept = to === 'yolo-seg' ? 3 : 4;
    if (from !== 'labelstudio') {
      expect(after.slice(0, kept)).toEqual(before.slice(0, kept));
      expect(after).toHaveLength(4);
    } else {
      // An object of two polygons has become two; runs are one mask, or a polygon a region.
      const crowds = to === 'labelstudio' ? ['crowd', 'crowd'] : ['crowd'];
      expect(after.map(([name]) => name)).toEqual(['disc', ...crowds, 'pair', 'pair', 'box']);
      expect([after[0], after.at(-1)]).toEqual([before[0], before[3]]);
      if (crowds.length === 1) expect(after[1]).toEqual(before[1]);
    }
  });
});

test('formats of boxes say how many outlines they do not keep', async () => {
  const source = await open(join(folder, 'gt.json'), 'coco');
  expect((await written(source, 'voc', 'voc')).lost).toMatchObject({ outline: 3 });
});

test('a box alone is no label map; objects that overlap are noted', async () => {
  const source = await open(join(folder, 'gt.json'), 'coco');
  await expect(written(source, 'folder', 'refused')).rejects.toThrow(
    /--to folder: expected objects with outlines.* but received 'a box alone: object 3 of a\.png'/,
  );
  const [first] = truth.annotations;
  const twice = { ...truth, annotations: [first, { ...first, id: 2, category_id: 3 }] };
  writeFileSync(join(folder, 'twice.json'), JSON.stringify(twice));
  const { lost } = await written(await open(join(folder, 'twice.json'), 'coco'), 'folder', 'twice');
  expect(lost).toMatchObject({ overlap: 1, instance: 2 });
});

describe('outlines that are none are refused', () => {
  test.each([
    [
      'two corners',
      [[1, 2, 3, 4]],
      /gt-0\.json: annotations\[0\]\.segmentation\[0\]: expected a polygon of three corners/,
    ],
    ['one list', [1, 2, 3, 4, 5, 6], /segmentation\[0\]: expected a polygon/],
    ['half a corner', [[1, 2, 3, 4, 5, 6, 7]], /segmentation\[0\]: expected a polygon/],
    ['no size', { counts: [3] }, /segmentation: expected polygons .*, or runs/],
    [
      'too few runs',
      { size: [32, 48], counts: [3, 4] },
      /counts: expected runs of 1536 pixels, as size says but received 7/,
    ],
    ['letters', { size: [32, 48], counts: '!!' }, /counts: expected pycocotools' compressed runs/],
    ['another size', { size: [48, 32], counts: [1530, 6] }, /a\.png: expected masks of 48x32, .* received '?32x48/],
  ])('%s', async (_, segmentation, message) => {
    const annotations = [annotation(1, 1, segmentation, [1, 1, 5, 5])];
    writeFileSync(join(folder, 'gt-0.json'), JSON.stringify({ ...truth, annotations }));
    const convert = async () => written(await open(join(folder, 'gt-0.json'), 'coco'), 'coco', 'none.json');
    await expect(convert()).rejects.toThrow(message);
  });
});
