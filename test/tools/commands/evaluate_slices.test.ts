/** `evaluate --slice`: the figures of windows over the pictures. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { loadDetector } from '../../../models/load_model.js';
import { lowformer, temporaryFolder } from '../command_line.js';
import { detector, drawPicture, segmentor, writeModel, writePicture } from '../tiny_models.js';

const cwd = temporaryFolder();
const given = ['--images', '.', '--annotations', 'truth.json'];
const evaluate = (...args: readonly string[]) =>
  lowformer(['evaluate', 'det.json', '--checkpoint', 'det.safetensors', ...given, ...args], { cwd });

beforeAll(async () => {
  await writeModel(cwd, 'det', detector);
  await writeModel(cwd, 'seg', segmentor);
  await writePicture(join(cwd, 'a.png'), drawPicture(240, 180));
  const categories = [
    { id: 12, name: 'ring' },
    { id: 7, name: 'disc' },
    { id: 3, name: 'square' },
  ];
  const box = { id: 1, image_id: 1, category_id: 7, bbox: [10, 10, 50, 40], area: 2000, iscrowd: 0 };
  const images = [{ id: 1, file_name: 'a.png', width: 240, height: 180 }];
  writeFileSync(join(cwd, 'truth.json'), JSON.stringify({ images, categories, annotations: [box] }));
});

test('what is scored is what the library finds in windows', async () => {
  const { code, stderr } = await evaluate('--slice', '96', '--predictions', 'found.json', '--json', 'figures.json');
  expect(code, stderr).toBe(0);
  const found = z
    .array(z.object({ bbox: z.array(z.number()), score: z.number() }))
    .parse(JSON.parse(readFileSync(join(cwd, 'found.json'), 'utf8')));
  await using model = await loadDetector(join(cwd, 'det.json'), { checkpoint: join(cwd, 'det.safetensors') });
  const { detections } = await model.predict(join(cwd, 'a.png'), { slices: { size: 96 } });
  expect(found.map(({ bbox, score }) => ({ bbox, score }))).toEqual(
    detections.map(({ box: [x1, y1, x2, y2], score }) => ({ bbox: [x1, y1, x2 - x1, y2 - y1], score })),
  );
});

test.each([
  [['--overlap', '0.1'], '--overlap: expected --slice beside it'],
  [['--slice', '96', '--tta'], '--tta: expected none beside --slice'],
  [['--slice', '96', '--queue', 'redis://nowhere'], '--queue: expected none beside --slice'],
  [['--max-pixels', '9', '--queue', 'redis://nowhere'], '--max-pixels: expected none beside --queue'],
  [['--max-pixels', '43199'], 'a.png: expected at most 43199 pixels'],
])('%j is refused', async (args, message) => {
  const { code, stderr } = await evaluate(...args, '--json', 'refused.json');
  expect(stderr).toContain(message);
  expect(code).toBe(2);
});

test('a segmentor has windows of its own', async () => {
  const model = ['evaluate', 'seg.json', '--checkpoint', 'seg.safetensors'];
  const { code, stderr } = await lowformer([...model, ...given, '--slice', '96'], { cwd });
  expect(stderr).toContain("slices: expected a detector but received 'segmentation'");
  expect(code).toBe(2);
});
