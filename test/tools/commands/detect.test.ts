import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { loadDetector } from '../../../models/load_model.js';
import { ROOT } from '../../workspace.js';
import { filesIn, folderIn, lowformer, temporaryFolder } from '../command_line.js';
import { detector, drawPicture, writeModel, writePicture } from '../tiny_models.js';

const detectionsSchema = z.array(
  z.strictObject({
    file: z.string(),
    width: z.int().positive(),
    height: z.int().positive(),
    detections: z.array(
      z.strictObject({
        bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]),
        score: z.number().min(0).max(1),
        class_index: z.int().min(0),
        category_id: z.int(),
        category: z.string(),
      }),
    ),
  }),
);
const parsed = (text: string) => detectionsSchema.parse(JSON.parse(text));

const cwd = temporaryFolder();
const model = ['det.json', '--checkpoint', 'det.safetensors'];
const [config, checkpoint] = [join(cwd, 'det.json'), join(cwd, 'det.safetensors')];

beforeAll(async () => {
  await writeModel(cwd, 'det', detector);
  await writePicture(join(cwd, 'a.png'), drawPicture(120, 80));
  await writePicture(join(cwd, 'b.png'), drawPicture(64, 90, 200));
});

describe.concurrent('lowformer detect', () => {
  test('gives boxes as [x, y, width, height], the ids of the dataset, scores descending', async () => {
    const { code, stdout, stderr } = await lowformer(['detect', ...model, '--json', '-', 'a.png', 'b.png'], { cwd });
    expect(code, stderr).toBe(0);
    const records = parsed(stdout);
    expect(records.map(({ file, width, height }) => [file, width, height])).toEqual([
      ['a.png', 120, 80],
      ['b.png', 64, 90],
    ]);
    // Progress is plain lines where stderr is no terminal.
    expect(stderr.split('\n')).toEqual([
      'det.safetensors: loaded 123 of 123 parameters',
      expect.stringMatching(/^\[1\/2\] a\.png: \d+ (disc|square|ring)/),
      expect.stringMatching(/^\[2\/2\] b\.png: /),
      '',
    ]);
    await using library = await loadDetector(config, { checkpoint });
    for (const { file, detections } of records) {
      const expected = (await library.predict(join(cwd, file))).detections;
      expect(detections).toHaveLength(20);
      expect(detections).toEqual(
        expected.map(({ box: [x1, y1, x2, y2], score, classIndex, category }) => ({
          bbox: [x1, y1, x2 - x1, y2 - y1],
          score,
          class_index: Number(classIndex),
          category_id: [7, 3, 12][classIndex],
          category,
        })),
      );
      const scores = detections.map(({ score }) => score);
      expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    }
  });

  test('names that no font can write are told once, by number in the picture; LOWFORMER_FONTS brings fonts', async () => {
    // Old Persian: no font that comes with a system has it.
    const named = (name: string, out: string, fonts: string) => {
      const classes = ['--cfg-options', `metainfo.classes=["${name}","b","c"]`];
      return lowformer(['detect', ...model, 'a.png', 'b.png', '--out', out, ...classes], {
        cwd,
        env: { LOWFORMER_FONTS: fonts },
      });
    };
    const [without, own] = await Promise.all([
      named('𐎠𐎡', 'unnamed', ''),
      named('トマト', 'named', join(ROOT, 'test/fixtures/fonts/NotoSansCJKjp-subset.otf')),
    ]);
    expect([without.code, own.code], without.stderr + own.stderr).toEqual([0, 0]);
    expect(without.stderr.match(/no font has the letters of '𐎠𐎡': drawn as #0/g)).toHaveLength(1);
    expect(own.stderr).not.toContain('no font');
    expect(own.stderr).toContain('トマト');
  });

  test('where nothing is certain enough, says how much is less certain', async () => {
    const args = ['detect', ...model, 'a.png', '--score-thr', '1', '--json', '-'];
    const { stdout, stderr } = await lowformer(args, { cwd });
    expect(stderr).toContain('[1/1] a.png: nothing over 1 (20 below)\n');
    expect(parsed(stdout)[0]?.detections).toEqual([]);
  });

  test('--tta merges what is found in the picture and in its mirror image, and says so', async () => {
    const { code, stdout, stderr } = await lowformer(['detect', ...model, '--tta', 'a.png'], { cwd });
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('test-time augmentation: 2 looks at each picture (the config has no tta_pipeline: ');
    await using library = await loadDetector(config, { checkpoint, tta: true });
    const { detections } = await library.predict(join(cwd, 'a.png'));
    expect(parsed(stdout)[0]?.detections.map(({ score }) => score)).toEqual(detections.map(({ score }) => score));
  });

  test('category_id is class_index + 1 where the config lists no ids', async () => {
    const { category_ids: _, ...metainfo } = detector.metainfo;
    writeFileSync(join(cwd, 'plain.json'), JSON.stringify({ ...detector, metainfo }));
    const args = ['detect', 'plain.json', 'a.png', '--checkpoint', 'det.safetensors', '--quiet'];
    const { code, stdout, stderr } = await lowformer(args, { cwd });
    expect([code, stderr]).toEqual([0, '']);
    const [{ detections } = { detections: [] }] = parsed(stdout);
    expect(detections.length).toBeGreaterThan(0);
    for (const { class_index, category_id } of detections) expect(category_id).toBe(class_index + 1);
  });

  test('--out writes annotated pictures, --json a file, --score-thr filters both', async () => {
    const all = parsed((await lowformer(['detect', ...model, 'a.png', '--quiet'], { cwd })).stdout);
    const scores = all[0]?.detections.map(({ score }) => score) ?? [];
    const threshold = scores[6] ?? 1;
    const args = [
      'detect',
      ...model,
      'a.png',
      '--out',
      'drawn/here',
      '--json',
      'a.json',
      '--score-thr',
      `${threshold}`,
    ];
    const { code, stdout, stderr } = await lowformer(args, { cwd });
    expect([code, stdout], stderr).toEqual([0, '']);
    expect(stderr).toContain('pictures are in drawn/here');
    const records = parsed(readFileSync(join(cwd, 'a.json'), 'utf8'));
    expect(records[0]?.detections).toEqual(all[0]?.detections.slice(0, 7));
    expect(filesIn(join(cwd, 'drawn'))).toEqual(['here/a.png']);
    const { data, info } = await sharp(join(cwd, 'drawn/here/a.png')).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels]).toEqual([120, 80, 3]);
    expect(data.equals(Buffer.from(drawPicture(120, 80).data))).toBe(false);
  });

  test('takes folders with all that is below them and globs; one base name in two folders gives two results', async () => {
    for (const [name, shade] of [
      ['left', 10],
      ['right/deep', 240],
    ] as const) {
      const folder = folderIn(cwd, `set/${name}`);
      await writePicture(join(folder, 'same.png'), drawPicture(48, 32, shade));
    }
    writeFileSync(join(cwd, 'set/notes.txt'), 'no picture');
    const args = ['detect', ...model, 'set', '[ab].png', 'a.png', '--out', 'both', '--json', '-'];
    const { code, stdout, stderr } = await lowformer(args, { cwd });
    expect(code, stderr).toBe(0);
    const files = ['set/left/same.png', 'set/right/deep/same.png', 'a.png', 'b.png'];
    expect(parsed(stdout).map(({ file }) => file)).toEqual(files);
    expect(filesIn(join(cwd, 'both'))).toEqual(files.toSorted());
  });

  test('boxes of a turned photograph are in pixels as displayed', async () => {
    await writePicture(join(cwd, 'turned.jpg'), drawPicture(120, 80), 6);
    await sharp(join(cwd, 'turned.jpg')).autoOrient().png().toFile(join(cwd, 'upright.png'));
    const { stdout } = await lowformer(['detect', ...model, 'turned.jpg', 'upright.png', '--quiet'], { cwd });
    const [turned, upright] = parsed(stdout);
    expect([turned?.width, turned?.height]).toEqual([80, 120]);
    expect(turned?.detections).toEqual(upright?.detections);
    expect(turned?.detections.some(({ bbox: [, y, , height] }) => y + height > 80)).toBe(true);
  });

  test('a batch is padded to its largest picture, and boxes stay inside each', async () => {
    await writePicture(join(cwd, 'c.png'), drawPicture(150, 50, 120));
    const args = ['detect', ...model, 'a.png', 'b.png', 'c.png', '--quiet', '--batch-size', '3'];
    const { code, stdout, stderr } = await lowformer(args, { cwd });
    expect([code, stderr]).toEqual([0, '']);
    await using library = await loadDetector(config, { checkpoint });
    const together = await library.predictBatch(['a.png', 'b.png', 'c.png'].map((file) => join(cwd, file)));
    const records = parsed(stdout);
    expect(records).toHaveLength(3);
    for (const [i, { detections, width, height }] of records.entries()) {
      expect(detections.map(({ score }) => score)).toEqual(together[i]?.detections.map(({ score }) => score));
      for (const {
        bbox: [x, y, w, h],
      } of detections) {
        expect(Math.min(x, y, w, h)).toBeGreaterThanOrEqual(0);
        expect(x + w).toBeLessThanOrEqual(width + 1e-3);
        expect(y + h).toBeLessThanOrEqual(height + 1e-3);
      }
    }
  });

  test('--cfg-options change the config', async () => {
    const args = ['detect', ...model, 'a.png', '--quiet', '--cfg-options', 'model.test_cfg.max_per_img=4'];
    expect(parsed((await lowformer(args, { cwd })).stdout)[0]?.detections).toHaveLength(4);
  });
});
