import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { needs } from '../../needs.js';
import { filesIn, lowformer, temporaryFolder } from '../command_line.js';

const cwd = temporaryFolder();
const sized = ['--size', '64x96'];

describe('lowformer scenes', () => {
  test('fills a new folder, says what is in it, and writes nothing to stdout', async () => {
    const { code, stdout, stderr } = await lowformer(
      ['scenes', '--out', 'a/b', '--count', '3', '--seed', '8', ...sized],
      { cwd },
    );
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toMatch(
      /^\[1\/3\] 000000\.png: \d+ objects?\n(?:\[.*\n)*3 pictures are in a\/b: \d+ \w+(, \d+ \w+)*\n$/,
    );
    expect(filesIn(join(cwd, 'a/b'))).toHaveLength(8);
    const { info, images } = JSON.parse(readFileSync(join(cwd, 'a/b/annotations.json'), 'utf8'));
    expect(info.description).toBe('Drawn by lowformer scenes --count 3 --seed 8 --size 64x96');
    expect(images[0]).toEqual({ id: 1, file_name: '000000.png', width: 96, height: 64 });
  });

  test('its folder is what other commands take', async () => {
    const images = ['--images', 'a/b/images', '--quiet'];
    const boxes = ['browse', ...images, '--annotations', 'a/b/annotations.json', '--out', 'boxes.png'];
    expect(await lowformer(boxes, { cwd })).toEqual({ code: 0, stdout: '', stderr: '' });
    const labels = ['browse', ...images, '--annotations', 'a/b/labels', '--classes', 'a/b/label_names.txt'];
    expect(await lowformer([...labels, '--out', 'labels.png'], { cwd })).toEqual({ code: 0, stdout: '', stderr: '' });
    const equal = ['score', 'miou', '--labels', 'a/b/labels', '--predictions', 'a/b/labels', '--num-classes', '9'];
    const { code, stdout } = await lowformer([...equal, '--json', '-'], { cwd });
    expect([code, JSON.parse(stdout).mIoU]).toEqual([0, 1]);
  });

  test('--quiet says nothing', async () => {
    const quiet = ['scenes', '--out', 'quiet', '--count', '1', '--quiet', ...sized];
    expect(await lowformer(quiet, { cwd })).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test.each([
    [['--count', '0'], "option '--count <n>' argument '0' is invalid. Expected a whole number of 1 or more.\n"],
    [['--count', '1000001'], "option '--count <n>' argument '1000001' is invalid. Expected at most 1000000.\n"],
    [['--seed', '1.5'], "option '--seed <n>' argument '1.5' is invalid. Expected a whole number.\n"],
    [
      ['--size', '320'],
      "option '--size <HxW>' argument '320' is invalid. Expected HEIGHTxWIDTH in pixels, such as 512x640.\n",
    ],
    [
      ['--size', '32x320'],
      "option '--size <HxW>' argument '32x320' is invalid. Expected sides from 64 to 4096 pixels.\n",
    ],
    [
      ['--size', '320x5000'],
      "option '--size <HxW>' argument '320x5000' is invalid. Expected sides from 64 to 4096 pixels.\n",
    ],
  ])('refuses %j', async (options, message) => {
    expect(await lowformer(['scenes', '--out', 'never', ...options], { cwd })).toEqual({
      code: 2,
      stdout: '',
      stderr: `lowformer: ${message}`,
    });
    expect(filesIn(cwd).some((name) => name.startsWith('never'))).toBe(false);
  });

  test('a folder that holds something stays as it is', async () => {
    mkdirSync(join(cwd, 'mine'));
    writeFileSync(join(cwd, 'mine/notes.txt'), 'mine');
    expect(await lowformer(['scenes', '--out', 'mine', '--count', '1', ...sized], { cwd })).toEqual({
      code: 2,
      stdout: '',
      stderr:
        "lowformer: mine: expected a folder that is new or empty but received 'notes.txt'. Nothing was written. Name another one, or remove what is in it.\n",
    });
    expect(filesIn(join(cwd, 'mine'))).toEqual(['notes.txt']);
  });

  test('a folder that cannot be made', async () => {
    const { code, stderr } = await lowformer(['scenes', '--out', '/proc/none/scenes'], { cwd });
    expect([code, stderr]).toEqual([
      2,
      'lowformer: /proc/none/scenes: expected a folder that can be made and written to. No file can be made in /proc. Nothing was written.\n',
    ]);
  });

  test('Ctrl-C leaves nothing', needs('notWindows', process.platform !== 'win32'), async () => {
    const interrupt = { signal: 'SIGINT', at: /000000\.png/ } as const;
    const { code } = await lowformer(['scenes', '--out', 'stopped/half', '--count', '5000'], { cwd, interrupt });
    expect(code).toBe(130);
    expect(filesIn(cwd).some((name) => name.startsWith('stopped'))).toBe(false);
  });
});
