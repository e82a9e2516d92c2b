/** pycocotools and datumaro's importers read what is written for other tools. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { needs } from '../needs.js';
import { hasPythonPackage, PYTHON } from '../python.js';
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
