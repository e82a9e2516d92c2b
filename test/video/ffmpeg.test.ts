import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findFfmpeg, versionNumber } from '../../video/ffmpeg.js';
import { needs } from '../needs.js';
import { folderIn, temporaryFolder } from '../tools/command_line.js';
import { fakeFfmpeg } from './fake_ffmpeg.js';

const folder = temporaryFolder();

describe('the program ffmpeg', needs('notWindows', process.platform !== 'win32'), () => {
  test.each([
    ['7.1', '-fps_mode'],
    ['5.1.9-0+deb12u1', '-fps_mode'],
    ['4.4.2', '-vsync'],
    ['n5.0', '-vsync'],
    ['N-118300-g3c5a2d1', '-fps_mode'],
  ])('%s keeps time stamps with %s', async (version, option) => {
    const path = fakeFfmpeg(join(folder, version), { version });
    const found = await findFfmpeg(path);
    expect(found).toEqual({
      path,
      ffprobe: join(folder, version, 'ffprobe'),
      version,
      passthrough: [option, 'passthrough'],
    });
  });

  test('one that is too old, none, and another program: what to do', async () => {
    const old = fakeFfmpeg(join(folder, 'old'), { version: '4.3.1' });
    await expect(findFfmpeg(old)).rejects.toThrow(/expected the program ffmpeg, 4\.4 or newer but received '4\.3\.1'/);
    await expect(findFfmpeg(join(folder, 'none'))).rejects.toMatchObject({
      code: 'missing-package',
      message: expect.stringMatching(/^LOWFORMER_FFMPEG: .* Install it: .*LOWFORMER_FFMPEG$/),
    });
    const other = join(folderIn(folder, 'other'), 'ffmpeg');
    writeFileSync(other, '#!/bin/sh\necho hello\n');
    chmodSync(other, 0o755);
    await expect(findFfmpeg(other)).rejects.toThrow('which says');
  });

  test('one that is installed later is found then', async () => {
    const path = join(folder, 'later', 'ffmpeg');
    await expect(findFfmpeg(path)).rejects.toThrow('expected the program ffmpeg');
    fakeFfmpeg(join(folder, 'later'), { version: '8.0' });
    expect((await findFfmpeg(path)).version).toBe('8.0');
  });
});

test('numbers of versions', () => {
  expect(['n7.1', '5.1.9-0+deb12u1', '10.2', 'N-1-gabc', '2025-01-02-git'].map(versionNumber)).toEqual([
    [7, 1],
    [5, 1],
    [10, 2],
    undefined,
    undefined,
  ]);
});
