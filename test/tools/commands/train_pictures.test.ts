/** `lowformer train --images DIR --annotations PATH`: from pictures without a config to a model that predicts by its folder. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../../needs.js';
import { folderIn, lowformer, temporaryFolder } from '../command_line.js';
import { expectMistake } from '../tiny_models.js';
import { writeTinyTrainings } from '../training/tiny_training.js';

const cwd = temporaryFolder();
/** A whole small network: seconds, and minutes where much else runs. */
const most = 240;
const train = (...args: readonly string[]) => lowformer(['train', ...args], { cwd, most });
const short = ['--cfg-options', 'train_cfg.max_epochs=1', 'train_dataloader.num_workers=0'];
const boxes = ['--images', 'images', '--annotations', 'annotations.json'];

beforeAll(() => writeTinyTrainings(cwd));

describe('to the end', needs('training', process.env.LOWFORMER_TEST_TRAINING !== undefined), () => {
  test('boxes: the config is printed, and the folder detects', { timeout: 3000 * most }, async () => {
    const { code, stdout, stderr } = await train(...boxes, '--work-dir', 'boxes', ...short);
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ metainfo: { classes: ['round', 'square'] } });
    expect(stderr).toMatch(/^Anchors: /m);
    expect(stderr).toMatch(/^trained to the end\./m);
    const found = await lowformer(['detect', 'boxes', 'images/0.png', '--quiet'], { cwd });
    expect(found.code, found.stderr).toBe(0);
    // The parts of the data are in the folder, so that it needs nothing else to go on.
    expect((await train('--work-dir', 'boxes', '--resume', ...short)).code).toBe(0);
  });

  test('label maps: the folder segments', { timeout: 2000 * most }, async () => {
    const labels = ['--images', 'images', '--annotations', 'labels', '--classes', 'even,odd'];
    const { code, stdout, stderr } = await train(...labels, '--work-dir', 'maps', ...short, '--json', 'end.json');
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ metainfo: { classes: ['even', 'odd'] } });
    const found = await lowformer(['segment', 'maps', 'images/0.png', '--json', '-', '--quiet'], { cwd });
    expect(found.code, found.stderr).toBe(0);
  });

  test('--dry-run leaves nothing behind', { timeout: 1000 * most }, async () => {
    // A folder of its own: others train at the same time.
    const temporary = folderIn(cwd, 'temporary');
    const env = { TMPDIR: temporary, TEMP: temporary };
    const dry = ['train', ...boxes, '--dry-run', ...short, '--json', '-'];
    const { code, stdout, stderr } = await lowformer(dry, { cwd, most, env });
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ epochs: 1 });
    expect(readdirSync(temporary).filter((name) => name.startsWith('lowformer-dry-run-'))).toEqual([]);
  });
});

describe('what does not go together', () => {
  test.each([
    [['detection.json', ...boxes, '--work-dir', 'none'], '--images: expected no config beside it'],
    [['--images', 'images', '--work-dir', 'none'], '--annotations: expected it beside --images'],
    [['--annotations', 'labels', '--work-dir', 'none'], '--images: expected it beside --annotations'],
    [['detection.json', '--classes', 'a,b', '--work-dir', 'none'], '--classes: expected --images'],
    [['detection.json', '--list', 'some.txt', '--work-dir', 'none'], '--list: expected --images'],
    [['detection.json', '--ignore-index', '0', '--work-dir', 'none'], '--ignore-index: expected --images'],
    [['--colors', 'colors.txt', '--work-dir', 'none'], '--colors: expected --images'],
    [
      [...boxes, '--colors', 'colors.txt', '--work-dir', 'none'],
      "--colors: expected --format folder but received 'coco'",
    ],
    [[...boxes, '--list', 'nowhere.txt', '--work-dir', 'none'], 'nowhere.txt'],
    [
      ['--images', 'nowhere', '--annotations', 'labels', '--work-dir', 'none'],
      'nowhere: expected a folder of pictures',
    ],
  ])('%j', async (args, message) => {
    expect(expectMistake(await train(...args))).toContain(message);
    expect(existsSync(join(cwd, 'none', 'config.json'))).toBe(false);
  });
});
