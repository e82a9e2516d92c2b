/** A panoptic data set that convert has made of label maps gives a segmentor the same figures and the same training labels. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { readLabelMap } from '../../../data/label_map.js';
import { writeLabelMap } from '../../../drawing/label_map.js';
import { configFromPictures } from '../../../training/from_pictures/config_from_pictures.js';
import { lowformer, temporaryFolder } from '../command_line.js';
import { drawPicture, segmentor, writeModel, writePicture } from '../tiny_models.js';

const cwd = temporaryFolder();
const SIZES = [
  [48, 40],
  [40, 30],
  [33, 47],
] as const;

beforeAll(async () => {
  await writeModel(cwd, 'seg', segmentor);
  for (const name of ['images', 'labels']) mkdirSync(join(cwd, name));
  for (const [i, [width, height]] of SIZES.entries()) {
    await writePicture(join(cwd, `images/${i}.png`), drawPicture(width, height, 50 * i));
    const labels = Uint8Array.from({ length: width * height }, (_, at) => (at % 97 < 9 ? 255 : (at >> 5) % 4));
    await writeLabelMap(join(cwd, `labels/${i}.png`), { width, height, labels });
  }
  writeFileSync(join(cwd, 'labels/classes.txt'), segmentor.metainfo.classes.join('\n'));
  const places = ['--annotations', 'labels', '--images', 'images', '--out', 'written'];
  const { code, stderr } = await lowformer(['convert', '--to', 'coco-panoptic', '--copy-images', ...places], { cwd });
  expect([code, stderr]).toEqual([0, '3 pictures, 12 objects, 4 classes are in written\n']);
});

test('evaluate gives the same figures, whatever the order of the categories', async () => {
  const file = join(cwd, 'written/panoptic.json');
  const { categories, ...rest }: Record<string, unknown> = JSON.parse(readFileSync(file, 'utf8'));
  expect(categories).toHaveLength(4);
  writeFileSync(
    file,
    JSON.stringify({ ...rest, categories: Array.isArray(categories) ? categories.toReversed() : [] }),
  );
  const evaluate = (format: string, annotations: string) => {
    const data = ['--format', format, '--annotations', annotations, '--images', 'written/images'];
    const args = ['evaluate', 'seg.json', '--checkpoint', 'seg.safetensors', ...data, '--json', '-', '--quiet'];
    return lowformer(args, { cwd });
  };
  const figures = await evaluate('coco-panoptic', 'written/panoptic.json');
  expect([figures.code, figures.stderr]).toEqual([0, '']);
  const { stdout } = await evaluate('folder', 'labels');
  const measured = (text: string) => JSON.parse(text).metrics ?? JSON.parse(text);
  expect(measured(figures.stdout)).toEqual(measured(stdout));
});

test('train takes it for what it is, and writes label maps', async () => {
  const pictures = { images: join(cwd, 'images'), annotations: join(cwd, 'written/panoptic.json') };
  const { told } = await configFromPictures({ ...pictures, classes: undefined }, { folder: join(cwd, 'run'), seed: 1 });
  expect(told[0]).toContain('segmentation into 4 classes');
  for (const i of SIZES.keys()) {
    const [read, own] = [join(cwd, `run/labels/${i}.png`), join(cwd, `labels/${i}.png`)];
    const { labels } = await readLabelMap(read);
    const mapped = labels.map((label) => (label === 255 ? 255 : 3 - label));
    expect(mapped).toEqual((await readLabelMap(own)).labels);
  }
});

test('a detector is told what it is given', async () => {
  const args = ['convert', '--from', 'coco', '--to', 'voc', '--annotations', 'written/panoptic.json', '--out', 'none'];
  const { code, stderr } = await lowformer(args, { cwd });
  expect(code).toBe(2);
  expect(stderr).toContain(
    "received 'COCO's panoptic format'. It marks segments, no boxes: a segmentor reads it with --format coco-panoptic",
  );
});
