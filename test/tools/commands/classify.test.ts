import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { loadClassifier } from '../../../models/load_model.js';
import { lowformer, temporaryFolder } from '../command_line.js';
import { classifier, drawPicture, writeModel, writePicture } from '../tiny_models.js';

const rankingsSchema = z.array(
  z.strictObject({
    file: z.string(),
    width: z.int(),
    height: z.int(),
    top: z.array(z.strictObject({ class_index: z.int(), category: z.string(), score: z.number() })),
  }),
);
const parsed = (text: string) => rankingsSchema.parse(JSON.parse(text));

const cwd = temporaryFolder();
const run = (...more: readonly string[]) =>
  lowformer(
    ['classify', 'cls.json', 'a.png', 'b.png', 'c.png', '--checkpoint', 'cls.safetensors', '--quiet', ...more],
    { cwd },
  );

beforeAll(async () => {
  await writeModel(cwd, 'cls', classifier);
  await writePicture(join(cwd, 'a.png'), drawPicture(120, 80));
  await writePicture(join(cwd, 'b.png'), drawPicture(70, 90, 10));
  await writePicture(join(cwd, 'c.png'), drawPicture(64, 64, 200));
});

describe('lowformer classify', () => {
  test('gives the same with sessions side by side', async () => {
    const [one, three] = [await run(), await run('--sessions', '3', '--threads', '1')];
    expect([three.code, three.stderr]).toEqual([0, '']);
    expect(three.stdout).toBe(one.stdout);
    const none = await run('--sessions', '0');
    expect([none.code, none.stderr]).toEqual([
      2,
      expect.stringMatching(/'--sessions <n>' argument '0' is invalid\. Expected a whole number of 1 or more\./),
    ]);
  });

  test('gives the five likeliest classes, best first, also in batches of different sizes', async () => {
    const [single, batch] = [await run(), await run('--batch-size', '3', '--json', '-')];
    expect([single.code, single.stderr]).toEqual([0, '']);
    const [alone, together] = [parsed(single.stdout), parsed(batch.stdout)];
    await using library = await loadClassifier(join(cwd, 'cls.json'), { checkpoint: join(cwd, 'cls.safetensors') });
    expect(alone).toHaveLength(3);
    for (const [i, { file, width, height, top }] of alone.entries()) {
      const expected = await library.predict(join(cwd, file));
      expect([width, height]).toEqual([expected.width, expected.height]);
      expect(top).toHaveLength(5);
      expect(top).toEqual(
        expected.ranking
          .slice(0, 5)
          .map(({ classIndex, category, score }) => ({ class_index: Number(classIndex), category, score })),
      );
      expect(top.map(({ class_index }) => classifier.metainfo.classes[class_index])).toEqual(
        top.map(({ category }) => category),
      );
      expect(together[i]).toEqual({
        file,
        width,
        height,
        top: top.map((entry) => ({ ...entry, score: expect.closeTo(entry.score, 5) })),
      });
    }
  });

  test('--top says how many', async () => {
    const records = parsed((await run('--top', '9')).stdout);
    for (const { top } of records) {
      expect(top).toHaveLength(7);
      expect(top.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 5);
    }
  });
});
