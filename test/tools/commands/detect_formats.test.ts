import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { collectNotes } from '../../../core/notes.js';
import type { DetectionAnnotations } from '../../../data/dataset.js';
import { EXCHANGE_FORMATS } from '../../../exchange/formats/index.js';
import { openAnnotations } from '../../../scoring/open_detection.js';
import { filesIn, lowformer, temporaryFolder } from '../command_line.js';
import { detector, drawPicture, writeModel, writePicture } from '../tiny_models.js';

const cwd = temporaryFolder();
const model = ['det.json', '--checkpoint', 'det.safetensors', '--quiet'];
const recordsSchema = z.array(
  z.object({
    file: z.string(),
    detections: z.array(z.object({ bbox: z.array(z.number()), score: z.number(), category: z.string() })),
  }),
);

beforeAll(async () => {
  await writeModel(cwd, 'det', detector);
  mkdirSync(join(cwd, 'pics/day 1'), { recursive: true });
  await writePicture(join(cwd, 'pics/a.png'), drawPicture(120, 80));
  await writePicture(join(cwd, 'pics/day 1/b.png'), drawPicture(64, 90, 200));
});

const read = (path: string, images?: string): Promise<DetectionAnnotations> =>
  openAnnotations({
    annotations: join(cwd, path),
    images: images === undefined ? undefined : join(cwd, images),
    missingArea: 'error',
    notes: collectNotes(),
  });

/** Of each picture, class and box of each object. */
function marksOf({ samples, classes, categoryIds }: DetectionAnnotations) {
  return samples.map(({ objects }) =>
    objects.map(({ box, categoryId }) => ({ category: classes[categoryIds.indexOf(categoryId)], box: [...box] })),
  );
}

async function detected(): Promise<ReturnType<typeof marksOf>> {
  const { stdout } = await lowformer(['detect', ...model, 'pics'], { cwd });
  return recordsSchema
    .parse(JSON.parse(stdout))
    .map(({ detections }) => detections.map(({ category, bbox }) => ({ category, box: bbox })));
}

describe.concurrent('lowformer detect --format', () => {
  test('coco: what is found as annotations, with the ids of the categories, and scores', async () => {
    const args = ['detect', ...model, 'pics', '--format', 'coco', '--json', 'found.json'];
    const { code, stderr } = await lowformer(args, { cwd });
    expect([code, stderr]).toEqual([0, '']);
    const dataset = await read('found.json');
    expect(dataset.categoryIds).toEqual([7, 3, 12]);
    expect(marksOf(dataset)).toEqual(await detected());
    const file: unknown = JSON.parse(readFileSync(join(cwd, 'found.json'), 'utf8'));
    expect(file).toMatchObject({
      images: [
        { id: 1, file_name: 'a.png', width: 120, height: 80 },
        { id: 2, file_name: 'day 1/b.png', width: 64, height: 90 },
      ],
      annotations: expect.arrayContaining([expect.objectContaining({ score: expect.any(Number), iscrowd: 0 })]),
    });
  });

  test('coco-results: as COCO has them, and pictures by the number or name that they are called by', async () => {
    await writePicture(join(cwd, '000000000139.png'), drawPicture(64, 64));
    const args = ['detect', ...model, '000000000139.png', '--format', 'coco-results'];
    const { code, stdout, stderr } = await lowformer(args, { cwd });
    expect(code, stderr).toBe(0);
    const entry = z.array(
      z.strictObject({
        image_id: z.literal(139),
        category_id: z.literal([7, 3, 12]),
        bbox: z.array(z.number()).length(4),
        score: z.number(),
      }),
    );
    expect(entry.parse(JSON.parse(stdout))).toHaveLength(20);
  });

  test('yolo: a folder that is a dataset, pictures linked; boxes to a billionth of a pixel', async () => {
    const { code, stderr } = await lowformer(['detect', ...model, 'pics', '--format', 'yolo', '--labels', 'yolo'], {
      cwd,
    });
    expect(code, stderr).toBe(0);
    expect([...filesIn(join(cwd, 'yolo'))].sort()).toEqual([
      'data.yaml',
      'images/a.png',
      'images/day 1/b.png',
      'labels/a.txt',
      'labels/day 1/b.txt',
    ]);
    const found = await detected();
    const back = marksOf(await read('yolo/data.yaml'));
    expect(back.map((one) => one.map(({ category }) => category))).toEqual(
      found.map((one) => one.map(({ category }) => category)),
    );
    back.flat().forEach(({ box }, i) => {
      const most = Math.max(...box.map((value, k) => Math.abs(value - (found.flat()[i]?.box[k] ?? Number.NaN))));
      expect(most).toBeLessThan(1e-9);
    });
  });

  test('yolo-scores: the score is the sixth column', async () => {
    const args = ['detect', ...model, 'pics/a.png', '--format', 'yolo-scores', '--labels', 'scores', '--copy-images'];
    const { code, stderr } = await lowformer(args, { cwd });
    expect(code, stderr).toBe(0);
    const lines = readFileSync(join(cwd, 'scores/labels/a.txt'), 'utf8').trim().split('\n');
    expect(lines).toHaveLength(20);
    for (const line of lines) expect(line).toMatch(/^[012]( [01](\.\d+)?){5}$/);
    expect(readFileSync(join(cwd, 'scores/images/a.png'))).toEqual(readFileSync(join(cwd, 'pics/a.png')));
  });

  test('voc: whole pixels, counted from 1, and says what is not kept', async () => {
    const args = ['detect', ...model.slice(0, -1), 'pics', '--format', 'voc', '--labels', 'voc'];
    const { code, stderr } = await lowformer(args, { cwd });
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('voc: scores are not kept (40: a.png, day 1/b.png, …)\n');
    expect(stderr).toContain('voc: boxes are rounded to whole pixels (');
    const found = await detected();
    const back = marksOf(await read('voc/Annotations'));
    const rounded = found.map((one) =>
      one.map(({ category, box: [x = 0, y = 0, w = 0, h = 0] }) => {
        const [left, top] = [Math.round(x), Math.round(y)];
        return { category, box: [left, top, Math.round(x + w) - left, Math.round(y + h) - top] };
      }),
    );
    expect(back).toEqual(rounded);
    expect(readFileSync(join(cwd, 'voc/labelmap.txt'), 'utf8')).toContain('\ndisc:::\nsquare:::\nring:::\n');
  });

  test('every format of one file goes to stdout where no file is named', async () => {
    for (const name of EXCHANGE_FORMATS.names()) {
      const { shape, boxes } = EXCHANGE_FORMATS.get(name, '--format');
      if (boxes === false) continue;
      const { code, stdout, stderr } = await lowformer(['detect', ...model, 'pics', '--format', name], { cwd });
      if (shape === 'file') {
        expect([code, stderr]).toEqual([0, '']);
        expect(stdout).toContain(name === 'coco-results' ? '"a"' : 'a.png');
      } else {
        expect([code, stdout]).toEqual([2, '']);
        expect(stderr).toContain('--format: expected the folder that it fills, as --labels DIR, beside but received');
      }
    }
  });

  test.each([
    [['--format', 'yolo', '--labels', 'x', '--json', 'y.json'], '--json: expected none beside --format yolo'],
    [['--format', 'coco', '--labels', 'x'], '--labels: expected none beside a format of one file'],
    [
      ['--format', 'coco-polygons', '--json', 'y.json'],
      '--format: expected a format that holds boxes (coco, coco-results, yolo',
    ],
    [['--labels', 'x'], '--labels: expected none beside a format of one file'],
    [['--format', 'csv', '--copy-images'], '--copy-images: expected none beside a format of one file'],
    [['--format', 'csv', '--queue', 'redis://localhost'], '--format: expected json or jsonl beside --queue'],
    [['--format', 'labelme', '--labels', 'pics'], 'pics: expected a folder that is new or empty'],
    [['--format', 'voc', '--labels', 'x', '--cfg-options', 'metainfo.classes=["a","a","b"]'], 'each name once'],
  ])('refuses %j, and writes nothing', async (options, message) => {
    const { code, stderr } = await lowformer(['detect', ...model, 'pics', ...options], { cwd });
    expect(code, stderr).toBe(2);
    expect(stderr).toContain(message);
    expect(filesIn(cwd).some((file) => /^(x\/|y\.json)/.test(file))).toBe(false);
  });

  test('refuses pictures whose labels would be one file', async () => {
    mkdirSync(join(cwd, 'twins'));
    for (const name of ['a.png', 'a.jpg'])
      writeFileSync(join(cwd, 'twins', name), readFileSync(join(cwd, 'pics/a.png')));
    const { code, stderr } = await lowformer(['detect', ...model, 'twins', '--format', 'labelme', '--labels', 'z'], {
      cwd,
    });
    expect(code, stderr).toBe(2);
    expect(stderr).toContain('expected pictures whose names differ before the ending');
  });
});
