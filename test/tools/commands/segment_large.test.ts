/** `segment` of a picture that is too large to be held: its label map is written as its rows come. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { readLabelMap } from '../../../data/label_map.js';
import { masksOfLabels } from '../../../geometry/mask_runs.js';
import { loadSegmentor } from '../../../models/load_model.js';
import { filesIn, lowformer, temporaryFolder } from '../command_line.js';
import { drawPicture, segmentor, writeModel, writePicture } from '../tiny_models.js';

const cwd = temporaryFolder();
const [width, height] = [9000, 7600];
const model = ['seg.json', '--checkpoint', 'seg.safetensors'];

beforeAll(async () => {
  await writeModel(cwd, 'seg', segmentor);
  await writePicture(join(cwd, 'small.png'), drawPicture(96, 64));
  const enlarged = sharp(join(cwd, 'small.png')).resize(width, height, { kernel: 'nearest', fit: 'fill' });
  await enlarged.png({ compressionLevel: 1 }).toFile(join(cwd, 'large.png'));
}, 60_000);

test('the labels, counts and drawing of one that is held', async () => {
  const run = await lowformer(['segment', ...model, '--json', 'all.json', '--out', 'maps', 'large.png', 'small.png'], {
    cwd,
  });
  expect(run.code, run.stderr).toBe(0);
  expect(run.stderr).toContain('drawn smaller, to 16 megapixels, for their size: 1');
  expect(filesIn(join(cwd, 'maps'))).toEqual(['large.overlay.png', 'large.png', 'small.overlay.png', 'small.png']);
  await using library = await loadSegmentor(join(cwd, 'seg.json'), { checkpoint: join(cwd, 'seg.safetensors') });
  const expected = await library.predict(join(cwd, 'large.png'));
  expect(expected.classes.length).toBeGreaterThan(1);
  const written = await readLabelMap(join(cwd, 'maps', 'large.png'));
  expect([written.width, written.height]).toEqual([width, height]);
  expect(Buffer.compare(Buffer.from(written.labels.buffer), Buffer.from(expected.labels.buffer))).toBe(0);
  const [record] = JSON.parse(readFileSync(join(cwd, 'all.json'), 'utf8'));
  expect(record).toEqual({
    file: 'large.png',
    width,
    height,
    classes: expected.classes.map(({ classIndex, category, pixels }) => ({
      class_index: classIndex,
      category,
      pixels,
    })),
  });
  const overlay = await sharp(join(cwd, 'maps', 'large.overlay.png')).metadata();
  expect(overlay.width).toBeGreaterThanOrEqual(4352);
}, 120_000);

test('--format: the runs of each class, as of one that is held', async () => {
  const run = await lowformer(['segment', ...model, '--format', 'coco', '--json', 'coco.json', 'large.png'], { cwd });
  expect(run.code, run.stderr).toBe(0);
  const { annotations } = z
    .object({ annotations: z.array(z.object({ area: z.number(), segmentation: z.object({ counts: z.string() }) })) })
    .parse(JSON.parse(readFileSync(join(cwd, 'coco.json'), 'utf8')));
  const labels = await readLabelMap(join(cwd, 'maps', 'large.png'));
  const expected = [...masksOfLabels(labels).values()].map(({ counts }) => counts);
  expect(annotations.map(({ segmentation }) => segmentation.counts).sort()).toEqual(expected.sort());
  expect(annotations.reduce((sum, { area }) => sum + area, 0)).toBe(width * height);
});
