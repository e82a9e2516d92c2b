import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { loadDetector } from '../../../models/load_model.js';
import { createTracker } from '../../../tracking/byte_tracker.js';
import { motLines } from '../../../tracking/mot.js';
import { filesIn, lowformer, temporaryFolder } from '../command_line.js';
import { detector, drawPicture, writeModel, writePicture } from '../tiny_models.js';

const recordsSchema = z.array(
  z.strictObject({
    file: z.string(),
    width: z.int(),
    height: z.int(),
    detections: z.array(
      z.strictObject({
        bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]),
        score: z.number(),
        class_index: z.int(),
        category_id: z.int(),
        category: z.string(),
        track_id: z.int().positive(),
      }),
    ),
  }),
);
const parsed = (text: string) => recordsSchema.parse(JSON.parse(text));

const cwd = temporaryFolder();
const model = ['det.json', '--checkpoint', 'det.safetensors'];
/** In the order of their frames; by code units the last is the second. */
const FRAMES = ['frame_1.png', 'frame_2.png', 'frame_3.png', 'frame_10.png'];

beforeAll(async () => {
  await writeModel(cwd, 'det', detector);
  mkdirSync(join(cwd, 'frames'));
  for (const [i, name] of FRAMES.entries()) {
    await writePicture(join(cwd, 'frames', name), drawPicture(120, 80, 100 + 2 * i));
  }
  mkdirSync(join(cwd, 'other'));
  await writePicture(join(cwd, 'other', 'frame_1.png'), drawPicture(64, 90));
});

/** What the library makes of the frames. */
async function followed() {
  await using library = await loadDetector(join(cwd, 'det.json'), { checkpoint: join(cwd, 'det.safetensors') });
  const tracker = createTracker({ obj_score_thrs: { high: 0.2 } });
  const results = [];
  for (const name of FRAMES) {
    results.push(tracker.update((await library.predict(join(cwd, 'frames', name))).detections));
  }
  return results;
}
const THRESHOLD = ['--track-thr', '0.2'];

describe.concurrent('lowformer detect --track', () => {
  test.each([[[]], [['--batch-size', '3', '--sessions', '2', '--threads', '2']]])(
    'gives each object its track_id, in the natural order of the names: %j',
    async (how) => {
      const args = ['detect', ...model, 'frames', '--track', ...THRESHOLD, ...how];
      const { code, stdout, stderr } = await lowformer(args, { cwd });
      expect(code, stderr).toBe(0);
      const records = parsed(stdout);
      expect(records.map(({ file }) => file)).toEqual(FRAMES.map((name) => join('frames', name)));
      const expected = await followed();
      expect(expected.flat().length).toBeGreaterThan(8);
      expect(new Set(expected.flat().map(({ trackId }) => trackId)).size).toBeGreaterThan(1);
      for (const [i, { detections }] of records.entries()) {
        expect(detections.map(({ track_id, category }) => [track_id, category])).toEqual(
          expected[i]?.map(({ trackId, category }) => [trackId, category]),
        );
        expected[i]?.forEach(({ box: [x1, y1, x2, y2], score }, j) => {
          const one = detections[j];
          expect(one?.score).toBeCloseTo(score, 4);
          [x1, y1, x2 - x1, y2 - y1].forEach((value, c) => void expect(one?.bbox[c]).toBeCloseTo(value, 2));
        });
      }
      expect(stderr).toMatch(/\n\d+ tracks\n$/);
    },
  );

  test('--mot writes them, --out draws them with tails; --score-thr counts for all', async () => {
    const args = ['detect', ...model, 'frames', '--track', ...THRESHOLD, '--score-thr', '0.22'];
    const { code, stderr } = await lowformer([...args, '--mot', 'm/gt.txt', '--out', 'drawn', '--track-tail', '5'], {
      cwd,
    });
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/tracks, written to m\/gt\.txt\n/);
    const expected = (await followed()).map((tracks) => tracks.filter(({ score }) => score >= 0.22));
    expect(readFileSync(join(cwd, 'm/gt.txt'), 'utf8')).toBe(
      expected.map((tracks, i) => motLines(i + 1, tracks)).join(''),
    );
    expect(filesIn(join(cwd, 'm'))).toEqual(['gt.txt']);
    expect(filesIn(join(cwd, 'drawn')).toSorted()).toEqual(FRAMES.toSorted());
    const [drawn, plain] = await Promise.all(
      ['drawn', 'frames'].map((folder) =>
        sharp(join(cwd, folder, 'frame_10.png'))
          .removeAlpha()
          .raw()
          .toBuffer(),
      ),
    );
    expect(drawn?.equals(plain ?? Buffer.of())).toBe(false);
  });

  test('without it records are as they were', async () => {
    const { stdout } = await lowformer(['detect', ...model, 'frames/frame_1.png', '--quiet'], { cwd });
    expect(stdout).not.toContain('track');
  });

  test.each<[string, readonly string[], RegExp]>([
    [
      'pictures of two folders',
      ['frames', 'other', '--track'],
      /--track: expected frames of one sequence, in one folder, but/,
    ],
    [
      'pictures of two sizes',
      ['sizes/*.png', '--track', '--mot', 'never.txt'],
      /--track: expected frames of one size, 120x80 as those before, but received '64x90, frame 2'/,
    ],
    [
      'an option of it without it',
      ['frames', '--mot', 'never.txt'],
      /lowformer: --mot: expected it beside --track alone, but received 'never.txt'/,
    ],
    [
      'tails without pictures',
      ['frames', '--track', '--track-tail', '3'],
      /lowformer: --track-tail: expected --out DIR beside it/,
    ],
    [
      'workers',
      ['frames', '--track', '--queue', 'redis://localhost'],
      /lowformer: --queue: expected none beside --track/,
    ],
    [
      'formats that would lose the ids',
      ['frames', '--track', '--format', 'coco'],
      /--format: expected json or jsonl beside --track/,
    ],
    ['a file that cannot be written', ['frames', '--track', '--mot', 'det.json/x.txt'], /det\.json/],
  ])('refuses %s', async (_, args, message) => {
    if (!existsSync(join(cwd, 'sizes'))) {
      mkdirSync(join(cwd, 'sizes'));
      await writePicture(join(cwd, 'sizes', '1.png'), drawPicture(120, 80));
      await writePicture(join(cwd, 'sizes', '2.png'), drawPicture(64, 90));
    }
    const { code, stderr } = await lowformer(['detect', ...model, ...args], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(existsSync(join(cwd, 'never.txt'))).toBe(false);
  });

  test('a frame that cannot be read is passed by: the next has its own number', async () => {
    mkdirSync(join(cwd, 'gap'));
    await writePicture(join(cwd, 'gap', '1.png'), drawPicture(120, 80));
    writeFileSync(join(cwd, 'gap', '0.png'), 'no picture');
    const { code, stderr } = await lowformer(['detect', ...model, 'gap', '--track', ...THRESHOLD, '--mot', 'gap.txt'], {
      cwd,
    });
    expect([code, stderr]).toEqual([2, expect.stringContaining('0.png')]);
    expect(readFileSync(join(cwd, 'gap.txt'), 'utf8')).toMatch(/^2,1,/);
  });
});
