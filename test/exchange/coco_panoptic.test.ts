/** COCO's panoptic format written: from itself, from label maps, from outlines that overlap. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { collectNotes } from '../../core/notes.js';
import { readCocoPanoptic } from '../../data/coco_panoptic.js';
import { readLabelMap } from '../../data/label_map.js';
import { readSegmentIds } from '../../data/segment_ids.js';
import { readSegmentationFolders } from '../../data/segmentation_folders.js';
import { convertDataset } from '../../exchange/convert.js';
import { EXCHANGE_FORMATS } from '../../exchange/formats/index.js';
import { labelMapSource } from '../../exchange/label_map_source.js';
import { panopticSource } from '../../exchange/panoptic_source.js';
import { type MarkSource, objectSource } from '../../exchange/source.js';
import { openDetectionDataset } from '../../scoring/open_detection.js';
import { panopticFixture, panopticSchema, putPanoptic, putPanopticPictures } from './panoptic_fixture.js';

const folder = mkdtempSync(join(tmpdir(), 'lowformer-panoptic-'));
afterAll(() => rmSync(folder, { recursive: true }));
const images = join(folder, 'images');
const { signal } = new AbortController();
beforeAll(async () => {
  putPanoptic(folder);
  await putPanopticPictures(folder);
});

async function written(source: MarkSource, type: string, name: string) {
  const notes = collectNotes();
  const out = join(folder, name);
  await convertDataset(source, EXCHANGE_FORMATS.get(type, '--to'), { out, copyImages: false, notes, signal });
  return { out, lost: notes.list().map(({ kind, count }) => [kind.slice(5), count]) };
}

const panoptic = async (at = folder) =>
  panopticSource(await readCocoPanoptic(join(at, 'panoptic.json'), images), { images });
const jsonOf = (at: string) => panopticSchema.parse(JSON.parse(readFileSync(join(at, 'panoptic.json'), 'utf8')));

/** Which pixels are of one segment, as the number of each pixel's segment in `segments_info`, -1 of void. */
async function partition(at: string) {
  const { annotations } = jsonOf(at);
  return Promise.all(
    annotations.map(async ({ file_name, segments_info }) => {
      const { ids } = await readSegmentIds(join(at, 'panoptic', file_name));
      const order = new Map(segments_info.map(({ id }, i) => [id, i]));
      return [...ids].map((id) => (id === 0 ? -1 : order.get(id)));
    }),
  );
}

/** All but the ids of segments and what else a colour decides. */
const essence = (at: string) => {
  const { images: pictures, annotations, categories } = jsonOf(at);
  const segments = annotations.map(({ segments_info, ...one }) => ({
    ...one,
    segments_info: segments_info.map(({ id: _, ...more }) => more),
  }));
  return { pictures, segments, categories };
};

test("panopticapi's files come back: segments, crowds, boxes, areas, ids of pictures and categories", async () => {
  const { out, lost } = await written(await panoptic(), 'coco-panoptic', 'again');
  expect(lost).toEqual([]);
  expect(essence(out)).toEqual(essence(folder));
  expect(await partition(out)).toEqual(await partition(folder));
});

test('its segments are objects elsewhere: COCO and back gives the same segments', async () => {
  const { out } = await written(await panoptic(), 'coco', 'objects.json');
  const dataset = await openDetectionDataset(
    { annotations: out, images, format: 'coco', missingArea: 'box', outlines: 'kept', notes: collectNotes() },
    undefined,
  );
  expect(dataset.samples.flatMap(({ objects }) => objects.map(({ area, crowd }) => [area, Number(crowd)]))).toEqual(
    panopticFixture.json.annotations.flatMap((one) => one.segments_info.map(({ area, iscrowd }) => [area, iscrowd])),
  );
  const back = await written(objectSource(dataset, { images, copyImages: false }), 'coco-panoptic', 'objects-back');
  expect(back.lost).toEqual([['objectId', 8]]);
  expect(await partition(back.out)).toEqual(await partition(folder));
  // Of objects all are told apart.
  expect(jsonOf(back.out).categories.map(({ isthing }) => isthing)).toEqual([1, 1, 1, 1]);
});

test('label maps: to them, and a segment a class from them', async () => {
  const there = await written(await panoptic(), 'folder', 'maps');
  expect(there.lost).toEqual([
    ['pictureId', 3],
    ['crowd', 1],
    ['instance', 8],
    ['categoryId', 3],
  ]);
  const { labels } = await readLabelMap(join(there.out, 'b.png'));
  const runs = panopticFixture.semantic.b?.flatMap(([label = 0, length = 0]) => new Array<number>(length).fill(label));
  expect([...labels]).toEqual(runs);
  const maps = await readSegmentationFolders({ images, labels: there.out });
  const classes = panopticFixture.json.categories.map(({ name }) => name);
  const source = labelMapSource(maps, { images, classes, palette: undefined });
  const back = await written(source, 'coco-panoptic', 'maps-back');
  const { annotations, categories } = jsonOf(back.out);
  expect(categories.map(({ isthing }) => isthing)).toEqual([0, 0, 0, 0]);
  for (const { segments_info } of annotations) {
    const shown = segments_info.map(({ category_id }) => category_id);
    expect(shown).toEqual([...new Set(shown)]);
  }
  const again = await written(await panoptic(back.out), 'folder', 'maps-again');
  expect((await readLabelMap(join(again.out, 'day 1/a.png'))).labels).toEqual(
    (await readLabelMap(join(there.out, 'day 1/a.png'))).labels,
  );
});

describe('objects that overlap', () => {
  const square = (id: number, category_id: number, [x = 0, y = 0, w = 0, h = 0]: readonly number[], more = {}) => ({
    ...{ id, image_id: 1, category_id, bbox: [x, y, w, h], area: w * h, iscrowd: 0 },
    segmentation: [[x, y, x + w, y, x + w, y + h, x, y + h]],
    ...more,
  });
  const objects = async (annotations: readonly unknown[]) => {
    const categories = [3, 9].map((id) => ({ id, name: `class ${id}` }));
    const picture = { id: 1, file_name: 'b.jpg', width: 17, height: 31 };
    writeFileSync(join(folder, 'gt.json'), JSON.stringify({ images: [picture], categories, annotations }));
    const places = { annotations: join(folder, 'gt.json'), images, format: 'coco' } as const;
    const notes = collectNotes();
    const dataset = await openDetectionDataset({ ...places, missingArea: 'box', outlines: 'kept', notes }, undefined);
    return objectSource(dataset, { images, copyImages: false });
  };

  test('the last one has the pixel, crowds lie below, what is covered is left out; all of it is told', async () => {
    const source = await objects([
      square(1, 3, [2, 2, 3, 3]),
      square(2, 9, [1, 1, 8, 8]),
      square(3, 3, [6, 6, 6, 6]),
      square(4, 9, [0, 0, 17, 20], { iscrowd: 1, segmentation: { size: [31, 17], counts: [0, 527] } }),
    ]);
    const { out, lost } = await written(source, 'coco-panoptic', 'overlap');
    expect(Object.fromEntries(lost)).toMatchObject({ covered: 1, overlap: 1 });
    const { annotations } = jsonOf(out);
    expect(annotations[0]?.segments_info).toMatchObject([
      { category_id: 9, iscrowd: 0, bbox: [1, 1, 8, 8], area: 64 - 9 },
      { category_id: 3, iscrowd: 0, bbox: [6, 6, 6, 6], area: 36 },
      { category_id: 9, iscrowd: 1, bbox: [0, 0, 17, 31], area: 527 - 55 - 36 },
    ]);
  });

  test('a box alone is refused, and nothing is written', async () => {
    const source = await objects([square(1, 3, [2, 2, 3, 3], { segmentation: [] })]);
    await expect(written(source, 'coco-panoptic', 'refused')).rejects.toThrow(
      /--to coco-panoptic: expected objects with outlines.* but received 'a box alone: object 0 of b\.jpg'/,
    );
    expect(existsSync(join(folder, 'refused'))).toBe(false);
  });
});

test('a picture of another size is refused, with both names', async () => {
  const other = join(folder, 'other');
  mkdirSync(other);
  putPanoptic(other);
  await putPanopticPictures(other);
  await sharp({ create: { width: 16, height: 31, channels: 3, background: 'grey' } }).toFile(
    join(other, 'images/b.jpg'),
  );
  const dataset = await readCocoPanoptic(join(other, 'panoptic.json'), join(other, 'images'));
  const source = panopticSource(dataset, { images: join(other, 'images') });
  await expect(written(source, 'folder', 'sizes')).rejects.toThrow(/b\.jpg.*16x31|16x31.*b\.jpg/);
});

test('the categories have colours, and the first segment of a class its', async () => {
  const { out } = await written(await panoptic(), 'coco-panoptic', 'colours');
  const schema = z.object({ categories: z.array(z.object({ color: z.array(z.int()).length(3) })) });
  const { categories } = schema.parse(JSON.parse(readFileSync(join(out, 'panoptic.json'), 'utf8')));
  const [red = 0, green = 0, blue = 0] = categories[0]?.color ?? [];
  const people = jsonOf(out).annotations[0]?.segments_info.filter(({ category_id }) => category_id === 1) ?? [];
  expect(people[0]?.id).toBe(red + 256 * green + 65536 * blue);
  expect(new Set(people.map(({ id }) => id)).size).toBe(3);
});
