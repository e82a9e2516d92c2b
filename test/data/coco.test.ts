import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { mapCategories } from '../../data/class_check.js';
import { parseCocoAnnotations, readCoco, readCocoAnnotations } from '../../data/coco.js';
import { checkPicturesExist, checkSampleSize, readPictureSize } from '../../data/picture_folder.js';
import { needs } from '../needs.js';
import { parityFile } from '../parity_file.js';
import { mistakeOf, sharedFile, temporaryFile } from './temporary.js';

const bytes = (value: unknown) => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));

const images = [
  { id: 7, file_name: 'a.jpg', width: 20, height: 10 },
  { id: 3, file_name: 'sub/b.jpg', width: 8, height: 8 },
  { id: 5, file_name: '/elsewhere/c.jpg' },
];
const categories = [
  { id: 18, name: 'dog', supercategory: 'animal' },
  { id: 1, name: 'person' },
];
const annotation = { id: 0, image_id: 3, category_id: 1, bbox: [1, 2, 3.5, 4.25], area: 9.5, iscrowd: 0 };
const annotations = [
  { ...annotation, segmentation: [[1, 2, 3, 4]], caption: 'a "quoted" ] text' },
  { id: 12, image_id: 7, category_id: 18, bbox: [0, 0, 5, 5], area: 25, iscrowd: 1 },
  { id: 9, image_id: 3, category_id: 18, bbox: [2, 2, 0, 1], area: 0, ignore: 1 },
];
const whole = { info: { year: 2017, version: null, draft: false }, licenses: [], images, annotations, categories };

describe('a COCO file', () => {
  it('is read whole, in the order of its lists', () => {
    const { kind, name, classes, categoryIds, samples } = parseCocoAnnotations(bytes(whole), 'gt.json');
    expect({ kind, name, classes, categoryIds }).toEqual({
      kind: 'detection',
      name: 'gt.json',
      classes: ['dog', 'person'],
      categoryIds: [18, 1],
    });
    expect(samples.map(({ id, fileName, size }) => ({ id, fileName, size }))).toEqual([
      { id: 7, fileName: 'a.jpg', size: { width: 20, height: 10 } },
      { id: 3, fileName: 'sub/b.jpg', size: { width: 8, height: 8 } },
      { id: 5, fileName: '/elsewhere/c.jpg', size: undefined },
    ]);
    expect(samples.map(({ objects }) => objects)).toEqual([
      [{ id: 12, categoryId: 18, box: [0, 0, 5, 5], area: 25, crowd: true, difficult: false }],
      [
        { id: 0, categoryId: 1, box: [1, 2, 3.5, 4.25], area: 9.5, crowd: false, difficult: false },
        { id: 9, categoryId: 18, box: [2, 2, 0, 1], area: 0, crowd: false, difficult: true },
      ],
      [],
    ]);
  });

  it('may list annotations first, and name pictures by text', () => {
    const entry = { ...annotation, image_id: 'x' };
    const file = { annotations: [entry], categories, images: [{ id: 'x' }] };
    const { samples } = parseCocoAnnotations(bytes(file), 'gt.json');
    expect(samples).toMatchObject([{ id: 'x', fileName: undefined, objects: [{ id: 0 }] }]);
  });

  it('leaves no limit on objects: a table that grew is whole', () => {
    const many = Array.from({ length: 5000 }, (_, id) => ({ ...annotation, id, image_id: [7, 3][id % 2] ?? 7 }));
    const { samples } = parseCocoAnnotations(bytes({ ...whole, annotations: many }), 'gt.json');
    expect(samples.map(({ objects }) => objects.length)).toEqual([2500, 2500, 0]);
    expect(samples[1]?.objects.map(({ id }) => id)).toEqual(Array.from({ length: 2500 }, (_, i) => 2 * i + 1));
  });

  it('has its pictures in a folder', async () => {
    const { samples } = await readCoco(temporaryFile('gt.json', bytes(whole)), '/pictures', { allowOutside: true });
    expect(samples.map(({ file }) => file)).toEqual(['/pictures/a.jpg', '/pictures/sub/b.jpg', '/elsewhere/c.jpg']);
    expect(samples[0]?.objects).toHaveLength(1);
  });

  it('takes the area of the box for a missing one only where told to', async () => {
    const { area: _, ...rest } = annotation;
    const file = bytes({ ...whole, annotations: [rest] });
    expect(parseCocoAnnotations(file, 'gt.json', { missingArea: 'box' }).samples[1]?.objects[0]?.area).toBe(14.875);
    expect(await mistakeOf(() => parseCocoAnnotations(file, 'gt.json'))).toBe(
      'gt.json: annotations[0].area: expected a finite number of 0 or more, which sizes small, medium and large go by. The key is missing.',
    );
  });
});

const withAnnotation = (change: Record<string, unknown>) => ({ ...whole, annotations: [{ ...annotation, ...change }] });
const withImage = (image: unknown) => ({ ...whole, images: [...images, image] });

describe('what is wrong with a COCO file is named', () => {
  const cases: readonly (readonly [string, unknown, string])[] = [
    [
      'a results file',
      [annotation],
      'gt.json: expected a file of COCO annotations: {"images": […], "annotations": […], "categories": […]} but received \'a list\'. This looks like a results file: detections, no annotations.',
    ],
    [
      'another JSON',
      { name: 'x', version: 1 },
      'expected a file of COCO annotations: {"images": […], "annotations": […], "categories": […]} but received \'an object without "images"\'',
    ],
    ['no object', '3', 'but received 3'],
    [
      'no annotations',
      { images, categories },
      'but received \'an object without "annotations"\'. Caption, panoptic and test-set files have no objects to score.',
    ],
    [
      'a list twice',
      '{"images": [], "images": []}',
      "gt.json: images: expected the key once but received 'the key twice'",
    ],
    ['no list', { ...whole, images: {} }, 'gt.json: images: expected a list but received {}'],
    [
      'cut off',
      JSON.stringify(whole).slice(0, 300),
      'The file ends after 300 bytes in the middle of its JSON: it is cut off.',
    ],
    [
      'an entry that is none',
      { ...whole, annotations: [3] },
      'gt.json: annotations[0]: expected an object but received 3',
    ],
    [
      'no image',
      withAnnotation({ image_id: 4 }),
      'gt.json: annotations[0].image_id: expected the id of a picture in "images" (3) but received 4',
    ],
    [
      'no category',
      withAnnotation({ category_id: 2 }),
      'gt.json: annotations[0].category_id: expected the id of a category in "categories" (18, 1) but received 2',
    ],
    [
      'id twice',
      { ...whole, annotations: [annotation, annotations[1], annotation] },
      'gt.json: annotations[2].id: expected each id once but received 0. Entry 0 has the same.',
    ],
    [
      'image twice',
      withImage({ id: 7 }),
      'gt.json: images[3].id: expected each id once but received 7. Entry 0 has the same.',
    ],
    [
      'category twice',
      { ...whole, categories: [...categories, categories[0]] },
      'gt.json: categories[2].id: expected each id once but received 18. Entry 0 has the same.',
    ],
    [
      'image without id',
      withImage({ file_name: 'x' }),
      'gt.json: images[3].id: expected a whole number. The key is missing.',
    ],
    [
      'a negative size',
      withImage({ id: 1, width: -2, height: 3 }),
      'gt.json: images[3].width: expected a whole number from 1 but received -2',
    ],
    [
      'category without name',
      { ...whole, categories: [{ id: 1 }] },
      'gt.json: categories[0].name: expected a text. The key is missing.',
    ],
    [
      'fractional id',
      withAnnotation({ id: 1.5 }),
      'gt.json: annotations[0].id: expected a whole number but received 1.5',
    ],
    [
      'text for an id',
      withAnnotation({ category_id: 'one' }),
      "gt.json: annotations[0].category_id: expected a whole number but received 'one'",
    ],
    [
      'negative width',
      withAnnotation({ bbox: [1, 2, -3, 4] }),
      'gt.json: annotations[0].bbox[2]: expected a finite width of 0 or more but received -3',
    ],
    [
      'three numbers',
      withAnnotation({ bbox: [1, 2, 3] }),
      "gt.json: annotations[0].bbox: expected [x, y, width, height] but received '3 values'",
    ],
    [
      'five numbers',
      withAnnotation({ bbox: [1, 2, 3, 4, 5] }),
      "gt.json: annotations[0].bbox: expected [x, y, width, height] but received 'more than 4 values'",
    ],
    [
      'no box',
      withAnnotation({ bbox: null }),
      'gt.json: annotations[0].bbox: expected [x, y, width, height] but received null',
    ],
    [
      'no number',
      JSON.stringify(withAnnotation({})).replace('3.5', 'NaN'),
      "gt.json: annotations[0].bbox[2]: expected a finite width of 0 or more but received 'NaN'",
    ],
    [
      'negative area',
      withAnnotation({ area: -1 }),
      'gt.json: annotations[0].area: expected a finite number of 0 or more but received -1',
    ],
    ['flag', withAnnotation({ iscrowd: 2 }), 'gt.json: annotations[0].iscrowd: expected 0 or 1 but received 2'],
  ];
  it.each(cases)('%s', async (_, value, message) => {
    expect(await mistakeOf(() => parseCocoAnnotations(bytes(value), 'gt.json'))).toContain(message);
  });

  it('a file cut anywhere, while it is written or copied', async () => {
    const text = JSON.stringify(whole);
    for (let length = 0; length < text.length; length++) {
      const said = await mistakeOf(() => parseCocoAnnotations(bytes(text.slice(0, length)), 'gt.json'));
      expect(said, text.slice(0, length)).toMatch(/^gt\.json: .*(cut off|empty)/);
    }
  });

  it('missing key of an annotation, missing file, folder', async () => {
    const { bbox: _, ...rest } = annotation;
    const file = bytes({ ...whole, annotations: [rest] });
    const message = 'gt.json: annotations[0].bbox: expected [x, y, width, height]. The key is missing.';
    expect(await mistakeOf(() => parseCocoAnnotations(file, 'gt.json'))).toBe(message);
    expect(await mistakeOf(() => readCocoAnnotations('/nowhere/gt.json'))).toContain('There is no such file.');
    expect(await mistakeOf(() => readCocoAnnotations('/'))).toContain('It is a folder.');
    const nameless = temporaryFile('gt.json', bytes(withImage({ id: 1 })));
    expect(await mistakeOf(() => readCoco(nameless, '/'), nameless)).toBe(
      ': images[3].file_name: expected the name of a picture. The key is missing.',
    );
  });
});

const groundTruth = z.object({
  images: z.array(z.unknown()),
  annotations: z.array(z.looseObject({ image_id: z.number() })),
});

describe('reference files', () => {
  const names = ['crowds', 'eighty_categories', 'integer_boxes', 'no_ground_truth', 'small', 'sparse_ids', 'ties'];
  const files = names.flatMap((name) => parityFile(`coco/${name}/gt.json`) ?? []);
  it('give every annotation as JSON.parse does', () => {
    for (const file of files) {
      const read = parseCocoAnnotations(readFileSync(file), file);
      const { images: listed, annotations: expected } = groundTruth.parse(JSON.parse(readFileSync(file, 'utf8')));
      expect(read.samples).toHaveLength(listed.length);
      for (const { id, objects } of read.samples) {
        const own = expected.filter(({ image_id }) => image_id === id);
        expect(objects).toMatchObject(
          own.map((a) => ({ id: a.id, categoryId: a.category_id, box: a.bbox, area: a.area })),
        );
      }
    }
  });

  const bccd = sharedFile('datasets/bccd');
  it('blood cells: classes, pictures and their sizes', needs('datasets', existsSync(bccd)), async () => {
    const dataset = await readCoco(join(bccd, 'annotations/val.json'), join(bccd, 'images'));
    expect(dataset.samples.flatMap(({ objects }) => objects).length).toBeGreaterThan(500);
    await checkPicturesExist(dataset);
    const mapping = mapCategories(dataset, { classes: ['RBC', 'WBC', 'Platelets'] });
    expect(mapping).toMatchObject({ categoryIdOf: [1, 2, 3], sameOrder: true });
    for (const sample of dataset.samples.slice(0, 5)) checkSampleSize(sample, await readPictureSize(sample.file));
  });
});
