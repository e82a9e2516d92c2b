/** `detect --slice`, and pictures that are too large to be held. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { loadDetector } from '../../../models/load_model.js';
import type { SliceOptions } from '../../../models/slices.js';
import { filesIn, lowformer, temporaryFolder } from '../command_line.js';
import { detector, drawPicture, segmentor, writeModel, writePicture } from '../tiny_models.js';

const cwd = temporaryFolder();
const model = ['det.json', '--checkpoint', 'det.safetensors'];
const [config, checkpoint] = [join(cwd, 'det.json'), join(cwd, 'det.safetensors')];
const records = (text: string) =>
  z
    .array(
      z.object({
        file: z.string(),
        width: z.number(),
        height: z.number(),
        detections: z.array(z.object({ bbox: z.array(z.number()), score: z.number(), class_index: z.number() })),
      }),
    )
    .parse(JSON.parse(text));

beforeAll(async () => {
  await writeModel(cwd, 'det', detector);
  await writeModel(cwd, 'seg', segmentor);
  await writePicture(join(cwd, 'a.png'), drawPicture(240, 180));
});

describe.concurrent('windows', () => {
  test.each<[string, readonly string[], SliceOptions]>([
    ['by default', ['--slice', '96'], { size: 96 }],
    [
      'told everything',
      [
        ...['--slice', '120x64', '--overlap', '0.1', '--slice-merge', 'greedy-nmm', '--slice-metric', 'ios'],
        ...['--slice-threshold', '0.4', '--slice-agnostic', '--no-whole-picture'],
      ],
      {
        size: { width: 120, height: 64 },
        overlap: 0.1,
        merge: 'greedy-nmm',
        metric: 'ios',
        threshold: 0.4,
        classAgnostic: true,
        wholePicture: false,
      },
    ],
  ])('%s: what the library finds', async (_, args, slices) => {
    const { code, stdout, stderr } = await lowformer(['detect', ...model, ...args, '--sessions', '1', 'a.png'], {
      cwd,
    });
    expect(code, stderr).toBe(0);
    await using library = await loadDetector(config, { checkpoint });
    const { detections } = await library.predict(join(cwd, 'a.png'), { slices });
    const [record] = records(stdout);
    expect(record?.detections).toEqual(
      detections.map(({ box: [x1, y1, x2, y2], score, classIndex }) => ({
        bbox: [x1, y1, x2 - x1, y2 - y1],
        score,
        class_index: Number(classIndex),
      })),
    );
  });

  test.each([
    [['--overlap', '0.1'], '--overlap: expected --slice beside it'],
    [['--slice-merge', 'nmm'], '--slice-merge: expected --slice beside it'],
    [['--no-whole-picture'], '--no-whole-picture: expected --slice beside it'],
    [['--slice', '96', '--tta'], '--tta: expected none beside --slice'],
    [['--slice', '96', '--queue', 'redis://nowhere'], '--queue: expected none beside --slice'],
    [['--slice', '9'], 'Expected pixels of a side, 640, or WIDTHxHEIGHT'],
    [['--slice', '96', '--overlap', '1'], 'Expected a number from 0 to 1, 1 excluded.'],
    [['--slice', '96', '--slice-threshold', '0'], 'Expected a number from 0 to 1, 0 excluded.'],
    [
      ['--max-pixels', '43199'],
      'a.png: expected at most 43199 pixels. It has more. Where you trust the file, give a larger --max-pixels.',
    ],
  ])('%j is refused', async (args, message) => {
    const { code, stdout, stderr } = await lowformer(['detect', ...model, ...args, 'a.png'], { cwd });
    expect(stderr).toContain(message);
    expect(code).toBe(2);
    expect(stdout).toBe('');
  });
});

test('a picture of 72 megapixels, drawn smaller', async () => {
  const [width, height] = [9000, 8000];
  const patch = { input: join(cwd, 'a.png'), left: 8500, top: 7700 };
  const create = { width, height, channels: 3, background: '#406080' } as const;
  await sharp({ create }).composite([patch]).png({ compressionLevel: 1 }).toFile(join(cwd, 'large.png'));
  const args = ['--slice', '3000', '--overlap', '0', '--score-thr', '0.06', '--json', 'large.json', '--out', 'drawn'];
  const run = await lowformer(['detect', ...model, ...args, 'large.png'], { cwd });
  expect(run.code, run.stderr).toBe(0);
  expect(run.stderr).toContain('drawn smaller, to 16 megapixels, for their size: 1');
  const [record] = records(readFileSync(join(cwd, 'large.json'), 'utf8'));
  expect(record).toMatchObject({ file: 'large.png', width, height });
  const drawn = await sharp(join(cwd, 'drawn', 'large.png')).metadata();
  expect([drawn.width, drawn.height]).toEqual([4242, 3771]);
  expect(readdirSync(cwd).filter((name) => name.includes('tmp'))).toEqual([]);
  expect(filesIn(cwd)).toContain('drawn/large.png');
});
