/** pycocotools, datumaro's importers, ultralytics' checker and LabelMe read what is written for other tools. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { needs } from '../needs.js';
import { hasPythonDistribution, hasPythonPackage, PYTHON } from '../python.js';
import { run } from '../run_program.js';
import { lowformer, temporaryFolder } from '../tools/command_line.js';
import { detector, drawPicture, writeModel, writePicture } from '../tools/tiny_models.js';
import { ROOT } from '../workspace.js';
import { DEVICES_WANTED } from './emulators.js';

const box = z.array(z.number()).length(4);
const named = z.array(z.tuple([z.string(), box]));
const foundSchema = z.object({
  pycocotools: z.array(z.tuple([z.int(), box])),
  voc_detection: named,
  cvat: named,
  yolo: named,
});
const cocoSchema = z.object({ annotations: z.array(z.object({ category_id: z.int(), bbox: box })) });

test('pycocotools and datumaro find the boxes that were written', {
  timeout: 120_000,
  ...needs('datumaro', DEVICES_WANTED && hasPythonPackage('datumaro')),
}, async () => {
  const cwd = temporaryFolder();
  await writeModel(cwd, 'det', detector);
  // Datumaro takes the pictures of CVAT's XML from a folder beside it.
  mkdirSync(join(cwd, 'cvat/images'), { recursive: true });
  await writePicture(join(cwd, 'cvat/images/a.png'), drawPicture(120, 80));
  const written = [
    ['--format', 'coco', '--json', 'found.json'],
    ['--format', 'cvat', '--json', 'cvat/annotations.xml'],
    ['--format', 'yolo', '--labels', 'yolo'],
    ['--format', 'voc', '--labels', 'voc', '--copy-images'],
  ];
  for (const args of written) {
    const command = ['detect', 'det.json', '--checkpoint', 'det.safetensors', 'cvat/images/a.png', ...args];
    const { code, stderr } = await lowformer(command, { cwd });
    expect(code, stderr).toBe(0);
  }
  const { code, stdout, stderr } = await run(PYTHON, [join(ROOT, 'test/devices/programs/read_formats.py')], cwd);
  expect(code, stderr).toBe(0);
  const found = foundSchema.parse(JSON.parse(stdout));
  const { annotations } = cocoSchema.parse(JSON.parse(readFileSync(join(cwd, 'found.json'), 'utf8')));
  expect(found.pycocotools).toEqual(annotations.map(({ category_id, bbox }) => [category_id, bbox]));
  const { classes, category_ids } = detector.metainfo;
  const expected = annotations.map(
    ({ category_id, bbox }) => [classes[category_ids.indexOf(category_id)], bbox] as const,
  );
  // Datumaro keeps hundredths of a pixel, and takes VOC's columns as if they counted from 0.
  for (const [kind, slack] of [
    ['cvat', 0.011],
    ['yolo', 0.011],
    ['voc_detection', 1.5],
  ] as const) {
    expect(found[kind].map(([name]) => name).sort()).toEqual(expected.map(([name]) => name).sort());
    for (const [name, other] of found[kind]) {
      const off = expected.map(([own, bbox]) =>
        own === name ? Math.max(...bbox.map((v, i) => Math.abs(v - (other[i] ?? 0)))) : 99,
      );
      expect(Math.min(...off), kind).toBeLessThan(slack);
    }
  }
});

const cover = z.array(z.tuple([z.int(), z.int()]));
const outlinesSchema = z.object({
  ...{ coco: cover, 'coco-polygons': cover, 'yolo-back': cover },
  cvat: z.array(z.tuple([z.string(), z.int(), z.int()])),
  ultralytics: z.object({
    classes: z.array(z.int()),
    corners: z.array(z.int()),
    corrupt: z.int(),
    message: z.string(),
  }),
  'cvat-masks': z.array(z.tuple([z.string(), z.array(z.int())])),
  panoptic: z.array(z.tuple([z.string(), z.boolean(), z.int()])),
  labelme: z.array(z.tuple([z.string(), z.string(), z.int().nullable(), z.int()])),
});

/** Runs of a mask of two blocks with a hole, column by column, in a picture of 48x32. */
const INSIDE = [37, 4, 28, 1, 2, 1, 28, 4, 60, 4, 28, 4];
/** Its pixels, counted row by row. */
const CROWD = INSIDE.flatMap((run, i) => {
  const start = INSIDE.slice(0, i).reduce((sum, one) => sum + one, 0);
  const column = Array.from({ length: i % 2 === 1 ? run : 0 }, (_, k) => start + k);
  return column.map((pixel) => (pixel % 32) * 48 + Math.floor(pixel / 32));
}).sort((a, b) => a - b);

/** A picture in each folder, and `gt.json`: a polygon, a mask, an object of two parts; `boxes.json`: the first two as boxes. */
async function writeTruth(cwd: string, folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    mkdirSync(join(cwd, folder), { recursive: true });
    await writePicture(join(cwd, folder, 'a.png'), drawPicture(48, 32));
  }
  const annotation = { image_id: 1, area: 100, iscrowd: 0 };
  const runs = [...INSIDE, 48 * 32 - INSIDE.reduce((sum, run) => sum + run, 0)];
  const disc = [[10.5, 20.25, 18.125, 22.5, 16.75, 30.1, 9.3, 29.4]];
  const pair = [
    [2.25, 3.5, 20.1, 3.5, 11.3, 14.7],
    [30.2, 5.1, 40.4, 6.2, 41.6, 20.3, 29.8, 17.9],
  ];
  const annotations = [
    { ...annotation, id: 1, category_id: 1, segmentation: disc, bbox: [9.3, 20.25, 8.825, 9.85] },
    {
      ...annotation,
      id: 2,
      category_id: 2,
      segmentation: { size: [32, 48], counts: runs },
      bbox: [1, 5, 5, 4],
      iscrowd: 1,
    },
    { ...annotation, id: 3, category_id: 3, segmentation: pair, bbox: [2.25, 3.5, 39.35, 16.8] },
  ];
  const categories = ['disc', 'crowd', 'pair'].map((name, i) => ({ id: i + 1, name }));
  const images = [{ id: 1, file_name: 'a.png', width: 48, height: 32 }];
  writeFileSync(join(cwd, 'gt.json'), JSON.stringify({ images, categories, annotations }));
  const boxes = annotations.slice(0, 2).map(({ segmentation: _, ...box }) => box);
  writeFileSync(join(cwd, 'boxes.json'), JSON.stringify({ images, categories, annotations: boxes }));
}

async function converted(cwd: string, from: string, to: string, source: string, out: string): Promise<void> {
  const args = ['convert', '--from', from, '--to', to, '--annotations', source, '--images', 'images', '--out', out];
  const { code, stderr } = await lowformer(args, { cwd });
  expect(code, stderr).toBe(0);
}

test('pycocotools, datumaro, ultralytics and LabelMe find the outlines that were converted', {
  timeout: 120_000,
  ...needs(
    'annotationReaders',
    DEVICES_WANTED &&
      hasPythonPackage('datumaro') &&
      hasPythonDistribution('ultralytics') &&
      hasPythonDistribution('labelme'),
  ),
}, async () => {
  const cwd = temporaryFolder();
  await writeTruth(cwd, ['images', 'cvat/images', 'cvat-masks/images']);
  for (const [from, to, source, out] of [
    ['coco', 'coco', 'gt.json', 'coco.json'],
    ['coco', 'coco-polygons', 'gt.json', 'coco-polygons.json'],
    ['coco', 'cvat', 'gt.json', 'cvat/annotations.xml'],
    ['coco', 'cvat-masks', 'gt.json', 'cvat-masks/annotations.xml'],
    ['coco', 'yolo-seg', 'gt.json', 'yolo-seg'],
    ['coco', 'labelme', 'gt.json', 'labelme'],
    ['coco', 'coco-panoptic', 'gt.json', 'annotations'],
    ['yolo', 'coco', 'yolo-seg/data.yaml', 'yolo-back.json'],
  ] as const) {
    await converted(cwd, from, to, source, out);
  }
  const { code, stdout, stderr } = await run(PYTHON, [join(ROOT, 'test/devices/programs/read_outlines.py')], cwd);
  expect(code, stderr).toBe(0);
  // Pixels of the masks that pycocotools makes.
  const pixels = [
    [1, 66],
    [2, 18],
    [3, 240],
  ];
  expect(outlinesSchema.parse(JSON.parse(stdout))).toEqual({
    ...{ coco: pixels, 'coco-polygons': pixels, 'yolo-back': pixels },
    cvat: [
      ['disc', 0, 4],
      ['crowd', 2, 11],
      ['crowd', 2, 4],
      ['pair', 3, 3],
      ['pair', 3, 4],
    ],
    'cvat-masks': [['crowd', CROWD]],
    // The pair lies over 7 pixels of the crowd.
    panoptic: [
      ['disc', false, 66],
      ['crowd', true, 11],
      ['pair', false, 240],
    ],
    // Each object is one outline: the ways to its other parts and back are corners, too.
    ultralytics: { classes: [0, 1, 2], corners: [4, 17, 9], corrupt: 0, message: '' },
    labelme: [
      ['disc', 'polygon', null, 4],
      ['crowd', 'polygon', 0, 11],
      ['crowd', 'polygon', 0, 4],
      ['pair', 'polygon', 1, 3],
      ['pair', 'polygon', 1, 4],
    ],
  });
});

const region = z.tuple([z.string(), box, z.array(z.array(z.number()))]);
const studioSchema = z.object({
  boxes: z.array(region),
  polygons: z.array(region),
  brush: z.tuple([z.string(), z.array(z.int()), z.array(z.int())]),
});

test("Label Studio's own converters find boxes, polygons and the pixels of brush masks", {
  timeout: 120_000,
  ...needs('labelStudio', DEVICES_WANTED && hasPythonDistribution('label-studio-sdk')),
}, async () => {
  const cwd = temporaryFolder();
  await writeTruth(cwd, ['images']);
  await converted(cwd, 'coco', 'labelstudio', 'boxes.json', 'boxes-studio.json');
  await converted(cwd, 'coco', 'labelstudio', 'gt.json', 'studio.json');
  await converted(cwd, 'coco', 'labelstudio-masks', 'gt.json', 'studio-masks.json');
  const { code, stdout, stderr } = await run(PYTHON, [join(ROOT, 'test/devices/programs/read_label_studio.py')], cwd);
  expect(code, stderr).toBe(0);
  const { boxes, polygons, brush } = studioSchema.parse(JSON.parse(stdout));
  const near = (values: readonly number[]) => values.map((value) => Math.round(value * 1e9) / 1e9);
  expect(boxes.map(([name, own]) => [name, near(own)])).toEqual([
    ['disc', [9.3, 20.25, 8.825, 9.85]],
    ['crowd', [1, 5, 5, 4]],
  ]);
  const disc = polygons[0]?.[2][0] ?? [];
  expect(near(disc)).toEqual([10.5, 20.25, 18.125, 22.5, 16.75, 30.1, 9.3, 29.4]);
  expect(polygons.map(([name]) => name)).toEqual(['disc', 'crowd', 'crowd', 'pair', 'pair']);
  expect(brush).toEqual(['crowd', [32, 48], CROWD]);
});
