import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readLabelMap } from '../../../data/label_map.js';
import { loadSegmentor } from '../../../models/load_model.js';
import { filesIn, lowformer, temporaryFolder } from '../command_line.js';
import { drawPicture, segmentor, writeModel, writePicture } from '../tiny_models.js';

const mapsSchema = z.array(
  z.strictObject({
    file: z.string(),
    width: z.int(),
    height: z.int(),
    classes: z.array(z.strictObject({ class_index: z.int(), category: z.string(), pixels: z.int().positive() })),
  }),
);

const cwd = temporaryFolder();
const model = ['seg.json', '--checkpoint', 'seg.safetensors'];
const pictures = ['a.png', 'b.jpg', 'c.png'];

beforeAll(async () => {
  await writeModel(cwd, 'seg', segmentor);
  await writePicture(join(cwd, 'a.png'), drawPicture(120, 80));
  await writePicture(join(cwd, 'b.jpg'), drawPicture(90, 70, 10), 6);
  await writePicture(join(cwd, 'c.png'), drawPicture(64, 64, 200));
});

describe('lowformer segment', () => {
  test('writes label maps whose pixels are class indices, and counts them in the JSON', async () => {
    const { code, stdout, stderr } = await lowformer(
      ['segment', ...model, ...pictures, '--out', 'maps', '--json', '-'],
      { cwd },
    );
    expect(code, stderr).toBe(0);
    const names = ['a', 'b', 'c'];
    expect(filesIn(join(cwd, 'maps'))).toEqual(names.flatMap((name) => [`${name}.overlay.png`, `${name}.png`]));
    const records = mapsSchema.parse(JSON.parse(stdout));
    expect(records.map(({ file, width, height }) => [file, width, height])).toEqual([
      ['a.png', 120, 80],
      ['b.jpg', 70, 90],
      ['c.png', 64, 64],
    ]);
    await using library = await loadSegmentor(join(cwd, 'seg.json'), { checkpoint: join(cwd, 'seg.safetensors') });
    for (const [i, { file, width, height, classes }] of records.entries()) {
      const expected = await library.predict(join(cwd, file));
      const path = join(cwd, 'maps', `${names[i]}.png`);
      const labels = await readLabelMap(path);
      expect([labels.width, labels.height]).toEqual([width, height]);
      expect(Buffer.from(labels.labels).equals(Buffer.from(expected.labels))).toBe(true);
      expect(classes.length).toBeGreaterThan(1);
      for (const { class_index, category, pixels } of classes) {
        expect(category).toBe(segmentor.metainfo.classes[class_index]);
        expect(pixels).toBe(labels.labels.filter((label) => label === class_index).length);
      }
      expect(classes.reduce((sum, { pixels }) => sum + pixels, 0)).toBe(width * height);
      const overlay = await sharp(path.replace('.png', '.overlay.png')).metadata();
      expect(overlay.width).toBeGreaterThanOrEqual(width);
      expect(overlay.height).toBeGreaterThanOrEqual(height);
    }
  });

  test('overlays and label maps have the colours of metainfo.palette', async () => {
    const count = segmentor.metainfo.classes.length;
    const run = async (colour: string, out: string) => {
      const palette = `metainfo.palette=[${new Array(count).fill(colour).join(',')}]`;
      const { code, stderr } = await lowformer(
        ['segment', ...model, 'a.png', '--out', out, '--quiet', '--cfg-options', palette],
        { cwd },
      );
      expect(code, stderr).toBe(0);
      // The label map, as a viewer shows it.
      const shown = await sharp(join(cwd, out, 'a.png')).stats();
      expect(`[${shown.channels.map(({ max }) => max)}]`).toBe(colour);
      return sharp(join(cwd, out, 'a.overlay.png'))
        .extract({ left: 60, top: 0, width: 30, height: 20 })
        .raw()
        .toBuffer();
    };
    const [black, red] = [await run('[0,0,0]', 'black'), await run('[255,0,0]', 'red')];
    // Half of a colour lies over each pixel: red channel up by 127 or 128, the others alike.
    for (let i = 0; i < red.length; i += 3) {
      expect((red[i] ?? 0) - (black[i] ?? 0)).toBeGreaterThan(125);
      expect([red[i + 1], red[i + 2]]).toEqual([black[i + 1], black[i + 2]]);
    }
  });

  test('a batch of different sizes gives what one by one gives', async () => {
    const run = (size: string) =>
      lowformer(
        ['segment', ...model, ...pictures, '--out', `batch${size}`, '--batch-size', size, '--quiet', '--json', '-'],
        { cwd },
      );
    const [single, batch] = [await run('1'), await run('3')];
    expect([batch.code, batch.stderr]).toEqual([0, '']);
    expect(batch.stdout).toBe(single.stdout);
    for (const name of ['a', 'b', 'c']) {
      const [one, three] = await Promise.all(
        ['1', '3'].map((size) => readLabelMap(join(cwd, `batch${size}`, `${name}.png`))),
      );
      expect(three).toEqual(one);
    }
  });
});
