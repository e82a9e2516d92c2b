import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { drawDemoScene } from '../../../drawing/demo_scene.js';
import { loadDetector } from '../../../models/load_model.js';
import { filesIn, lowformer, temporaryFolder } from '../command_line.js';

const cwd = temporaryFolder();
const asset = (name: string) => fileURLToPath(new URL(`../../../assets/${name}`, import.meta.url));

type Corners = readonly [number, number, number, number];

function overlap(a: Corners, b: Corners): number {
  const side = (low: number, high: number) =>
    Math.max(0, Math.min(a[high] ?? 0, b[high] ?? 0) - Math.max(a[low] ?? 0, b[low] ?? 0));
  const area = ([x1, y1, x2, y2]: Corners) => (x2 - x1) * (y2 - y1);
  const shared = side(0, 2) * side(1, 3);
  return shared / (area(a) + area(b) - shared);
}

describe('lowformer demo', () => {
  test('writes the annotated picture, and says what was found, how long it took and where it is', async () => {
    const { code, stdout, stderr } = await lowformer(['demo', '--out', 'made/here'], { cwd });
    expect([code, stderr]).toEqual([0, '']);
    const written = ['blood_cells.png', 'scene_detected.png', 'scene_segmented.png'];
    expect(filesIn(cwd)).toEqual(written.map((name) => `made/here/${name}`));
    const picture = join(cwd, 'made/here/blood_cells.png');
    const { data, info } = await sharp(picture).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels]).toEqual([640, 480, 3]);
    expect(data.equals(Buffer.from(drawDemoScene().image.data))).toBe(false);

    const [drawn = '', found = ''] = stdout.split('\n');
    const counts = (line: string) =>
      new Map([...line.matchAll(/(\d+) (\w+)/g)].map(([, count, kind]) => [kind, Number(count)]));
    for (const [kind, count] of counts(drawn)) {
      const seen = counts(found).get(kind) ?? 0;
      expect(seen, `${kind}: ${found}`).toBeGreaterThanOrEqual(0.7 * count);
      expect(seen, `${kind}: ${found}`).toBeLessThanOrEqual(1.3 * count);
    }
    for (const stage of ['load', 'draw the scene', 'resize, normalise', 'network', 'decode, NMS', 'annotate, write']) {
      expect(stdout).toMatch(new RegExp(`\\n${stage} +\\d+\\.\\d ms\\n`));
    }
    expect(stdout).toMatch(/\npicture: made\/here\/blood_cells\.png\n/);

    for (const name of written.slice(1)) {
      const { width, height } = await sharp(join(cwd, 'made/here', name)).metadata();
      expect(height).toBe(256);
      // Beside the label map stands what its colours mean.
      if (name === 'scene_detected.png') expect(width).toBe(256);
      else expect(width).toBeGreaterThan(256);
    }
    const [, ap, ap50, miou] = /\nover 20 scenes: AP (\S+), AP50 (\S+), mIoU (\S+)\n/.exec(stdout) ?? [];
    expect(Number(ap)).toBeGreaterThan(0.2);
    expect(Number(ap50)).toBeGreaterThan(Number(ap));
    expect(Number(miou)).toBeGreaterThan(0.3);
    expect(stdout).toMatch(/\npictures: made\/here\/scene_detected\.png, made\/here\/scene_segmented\.png\n$/);
  });

  test('most of the drawn cells are found: of the right kind, at the right place', async () => {
    await using model = await loadDetector(asset('blood_cells.json'), { checkpoint: asset('blood_cells.safetensors') });
    const { image, cells } = drawDemoScene();
    const found = (await model.predict(image)).detections.filter(({ score }) => score >= 0.5);
    const matched = cells.filter(({ kind, box }) =>
      found.some((seen) => seen.category === kind && overlap(seen.box, box) > 0.5),
    );
    expect(matched.length).toBeGreaterThanOrEqual(0.8 * cells.length);
    for (const kind of ['RBC', 'WBC', 'Platelets']) {
      const all = cells.filter((cell) => cell.kind === kind).length;
      expect(matched.filter((cell) => cell.kind === kind).length, kind).toBeGreaterThanOrEqual(all / 2);
    }
    const wrong = found.filter((seen) => !cells.some(({ box }) => overlap(seen.box, box) > 0.5));
    expect(wrong.length).toBeLessThanOrEqual(0.15 * found.length);
  });

  test.each([
    ['--seed', 'x', "option '--seed <n>' argument 'x' is invalid. Expected a whole number.\n"],
    [
      '--out',
      '/proc/none/demo',
      '/proc/none/demo: expected a folder that can be made and written to. No file can be made in /proc. Nothing was written.\n',
    ],
  ])('refuses %s %s', async (option, value, message) => {
    expect(await lowformer(['demo', option, value], { cwd })).toEqual({
      code: 2,
      stdout: '',
      stderr: `lowformer: ${message}`,
    });
  });
});
