/**
 * Pascal VOC and YOLO data sets as tools write them, six pictures of each: the labels of BCCD (MIT licence) with one
 * oddity a set, and mmdet's detections. The figures are pycocotools', of the boxes as people mean them.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { lowformer, temporaryFolder } from '../command_line.js';

const cwd = temporaryFolder();
const packed = readFileSync(new URL('../../fixtures/data/as_tools_write.json.gz', import.meta.url));
const files = z.record(z.string(), z.string()).parse(JSON.parse(gunzipSync(packed).toString()));
for (const [path, text] of Object.entries(files)) {
  mkdirSync(dirname(join(cwd, path)), { recursive: true });
  writeFileSync(join(cwd, path), text, 'latin1');
}
writeFileSync(join(cwd, 'classes.txt'), 'RBC\nWBC\nPlatelets\n');
// YOLO's coordinates are parts of a picture, whose size is in the picture alone.
mkdirSync(join(cwd, 'images/val'), { recursive: true });
const blank = await sharp({ create: { width: 640, height: 480, channels: 3, background: 'grey' } })
  .jpeg()
  .toBuffer();
for (const name of ['00000', '00002', '00014', '00017', '00028', '00029']) {
  writeFileSync(join(cwd, `images/val/BloodImage_${name}.jpg`), blank);
}

const resultSchema = z.object({
  stats: z.object({ AP: z.number(), AP50: z.number() }),
  notes: z.array(z.object({ kind: z.string(), count: z.int() })).optional(),
});

const ALL = { AP: 0.5501934646509485, AP50: 0.8995374369534239 };
/** One object more than in the other sets. */
const WITH_ANOTHER = { AP: 0.5486770448951215, AP50: 0.8966113333244935 };

describe.concurrent('lowformer score coco of', () => {
  test.each([
    ['voc/latin1', ALL, []],
    ['voc/upperxml', ALL, []],
    ['voc/otherclass', ALL, [1]],
    ['voc/size0', ALL, [6]],
    ['voc/swapped', WITH_ANOTHER, [1]],
    ['voc/unspecified', ALL, [119]],
    ['yolo/dup', ALL, [20]],
    ['yolo/namesmap', ALL, []],
    ['yolo/neg', WITH_ANOTHER, [1]],
    ['yolo/polygons', ALL, [119]],
    ['yolo/valtxt', ALL, []],
  ] as const)('%s: the figures of pycocotools, what was taken said with a count', async (path, expected, counts) => {
    const source = path.startsWith('yolo')
      ? ['--annotations', `${path}/data.yaml`, '--format', 'yolo', '--images', 'images/val']
      : ['--annotations', path, '--classes', 'classes.txt'];
    const args = ['score', 'coco', ...source, '--predictions', 'predictions.json', '--json', '-'];
    const { code, stdout } = await lowformer(args, { cwd });
    expect(code).toBe(0);
    const { stats, notes = [] } = resultSchema.parse(JSON.parse(stdout));
    expect(stats.AP).toBeCloseTo(expected.AP, 9);
    expect(stats.AP50).toBeCloseTo(expected.AP50, 9);
    expect(notes.map(({ count }) => count)).toEqual(counts);
    if (counts.length > 0) expect((await lowformer([...args, '--strict'], { cwd })).code).toBe(2);
  });
});
