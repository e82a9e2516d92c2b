/** COCO's panoptic format against what panopticapi makes of the same files (test/fixtures/exchange/make_panoptic.py). */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeEach, describe, expect, test } from 'vitest';
import { collectNotes } from '../../core/notes.js';
import { readCocoPanoptic } from '../../data/coco_panoptic.js';
import { readSampleLabels } from '../../data/label_map.js';
import { panopticFixture, putPanoptic } from '../exchange/panoptic_fixture.js';
import { mistakeOf, temporaryFolder } from './temporary.js';

const { json, semantic } = panopticFixture;
let folder = '';
beforeEach(() => {
  folder = temporaryFolder({});
  putPanoptic(folder);
});
const open = (options = {}) => readCocoPanoptic(join(folder, 'panoptic.json'), join(folder, 'images'), options);
const rewrite = (changed: unknown) => writeFileSync(join(folder, 'panoptic.json'), JSON.stringify(changed));

test("a class for each pixel, as panopticapi's converter has it", async () => {
  const dataset = await open();
  expect(dataset).toMatchObject({
    classes: json.categories.map(({ name }) => name),
    categoryIds: [1, 7, 119, 187],
    things: [true, true, false, false],
    ignoreIndex: 255,
  });
  expect(dataset.samples.map(({ id, pictureId }) => [id, pictureId])).toEqual([
    ['day 1/a', 901],
    ['b', 20],
    ['void', 7],
  ]);
  for (const sample of dataset.samples) {
    const { labels } = await readSampleLabels(dataset, sample);
    const runs = semantic[sample.id]?.flatMap(([label = 0, length = 0]) => new Array<number>(length).fill(label));
    expect([...labels]).toEqual(runs);
  }
});

test('classes that are asked for are found by name, others are ignored, with a note', async () => {
  const notes = collectNotes();
  const dataset = await open({ classes: ['sky', 'cat', 'person'], notes });
  expect(dataset).toMatchObject({ classes: ['sky', 'cat', 'person'], categoryIds: [187, undefined, 1] });
  expect(notes.list()).toMatchObject([{ kind: 'foreign-class', count: 2 }]);
  const [sample] = dataset.samples;
  const { labels } = await readSampleLabels(dataset, sample ?? { labelFile: '' });
  expect([...new Set(labels)].sort((a, b) => a - b)).toEqual([0, 2, 255]);
  await expect(open({ classes: ['cat'] })).rejects.toThrow(/expected categories of the classes cat but received/);
});

test('a list chooses pictures; those without annotation are left out', async () => {
  writeFileSync(join(folder, 'list.txt'), 'a.jpg\n7\n');
  expect((await open({ list: join(folder, 'list.txt') })).samples.map(({ id }) => id)).toEqual(['day 1/a', 'void']);
  rewrite({ ...json, annotations: json.annotations.slice(1) });
  const notes = collectNotes();
  expect((await open({ notes })).samples).toHaveLength(2);
  expect(notes.list()).toMatchObject([{ kind: 'bare-picture', count: 1, examples: ['image 901'] }]);
});

const [first, second] = json.annotations;
const info = first?.segments_info ?? [];
const [segment] = info;
const withInfo = (segments: unknown) => ({ ...json, annotations: [{ ...first, segments_info: segments }] });

describe('what is wrong is named', () => {
  test.each([
    [
      'no list of segments',
      { ...json, annotations: [{ ...first, segments_info: undefined }] },
      /annotations\[0\]\.segments_info: expected the segments of a picture.*format is coco/,
    ],
    ['segments that are no list', withInfo({}), /segments_info: expected a list of segments/],
    [
      'an unknown category',
      withInfo([{ ...segment, category_id: 5 }]),
      /annotations\[0\]\.segments_info\[0\]\.category_id: expected the id of a category in "categories" \(4\) but received 5/,
    ],
    ['no category', withInfo([{ id: 3 }]), /segments_info\[0\]\.category_id: expected the id of a category/],
    ['an id twice', withInfo([segment, segment]), /segments_info\[1\]\.id: expected each id once in a picture/],
    ['the id of void', withInfo([{ ...segment, id: 0 }]), /segments_info\[0\]\.id: expected an id from 1 to 16777215/],
    [
      'an unknown picture',
      { ...json, annotations: [{ ...first, image_id: 3 }] },
      /annotations\[0\]\.image_id: expected the id of a picture in "images" \(3\) but received '?3/,
    ],
    [
      'a picture twice',
      { ...json, annotations: [first, { ...second, image_id: 901 }] },
      /annotations\[1\]: expected one annotation a picture/,
    ],
    [
      'a name twice',
      { ...json, categories: [...json.categories, { id: 9, name: ' sky', isthing: 0 }] },
      /categories\[4\]\.name: expected each name once/,
    ],
    ['no isthing', { ...json, categories: [{ id: 1, name: 'a' }] }, /categories\[0\]\.isthing: expected 0 or 1/],
    ['a list', [], /expected a file of COCO's panoptic format.* but received 'a list'/],
    ['no images', { annotations: [], categories: [] }, /an object without "images"/],
    [
      'a missing PNG',
      { ...json, annotations: [{ ...first, file_name: 'gone.png' }] },
      /panoptic: expected the PNGs that .* 1 of 1 are missing: gone\.png/,
    ],
    [
      'a picture outside',
      { ...json, images: [{ ...json.images[0], file_name: '../x.jpg' }], annotations: [first] },
      /images\[0\]\.file_name: expected the name of a picture in/,
    ],
  ])('%s', async (_, changed, message) => {
    rewrite(changed);
    await expect(open()).rejects.toThrow(message);
  });

  test('no folder of PNGs', async () => {
    rmSync(join(folder, 'panoptic'), { recursive: true });
    expect(await mistakeOf(open)).toMatch(/panoptic: expected the folder of the PNGs, called as the JSON/);
  });

  test('pixels of no segment, segments of no pixel', async () => {
    const labelsOf = async (segments: unknown) => {
      rewrite(withInfo(segments));
      const dataset = await open();
      const [sample] = dataset.samples;
      return readSampleLabels(dataset, sample ?? { labelFile: '' });
    };
    await expect(labelsOf(info.slice(1))).rejects.toThrow(
      /day 1\/a\.png: pixel \(0, 0\): expected the id of one of the 5 segments in segments_info, or 0 but received 11829830/,
    );
    await expect(labelsOf([...info, { ...segment, id: 77 }])).rejects.toThrow(
      /day 1\/a\.png: expected pixels of every segment in segments_info\. 1 of 7 have none: 77\./,
    );
  });

  test.each([
    [
      'grey',
      'grey or a palette',
      async () =>
        sharp({ create: { width: 4, height: 4, channels: 3, background: 'red' } })
          .toColourspace('b-w')
          .png()
          .toBuffer(),
    ],
    [
      '16 bits',
      'colours of 16 bits',
      async () =>
        sharp({ create: { width: 4, height: 4, channels: 3, background: 'red' } })
          .toColourspace('rgb16')
          .png()
          .toBuffer(),
    ],
    ['no PNG', 'It is no PNG', async () => Buffer.from('not a PNG')],
  ])('%s', async (_, message, png) => {
    mkdirSync(join(folder, 'panoptic'), { recursive: true });
    writeFileSync(join(folder, 'panoptic/b.png'), await png());
    const dataset = await open();
    await expect(readSampleLabels(dataset, dataset.samples[1] ?? { labelFile: '' })).rejects.toThrow(message);
  });
});
