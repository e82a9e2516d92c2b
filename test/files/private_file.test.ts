/** What others could read is not read as a secret. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readPrivateFile } from '../../files/private_file.js';
import { needs } from '../needs.js';
import { temporaryFolder } from '../tools/command_line.js';

const folder = temporaryFolder();
const TERMS = { expected: 'a file of secrets' };

function secret(mode: number): string {
  const path = join(folder, `secret-${mode.toString(8)}`);
  writeFileSync(path, 'secret\n');
  chmodSync(path, mode);
  return path;
}

describe('a private file', needs('notWindows', process.platform !== 'win32'), () => {
  test.each([0o600, 0o400, 0o700])('mode %o is its owner’s alone', async (mode) => {
    expect(await readPrivateFile(secret(mode), 'nobody', TERMS)).toBe('secret\n');
  });

  test.each([0o640, 0o604, 0o644, 0o620])('mode %o is not: the way out is said', async (mode) => {
    const path = secret(mode);
    await expect(readPrivateFile(path, 'nobody', TERMS)).rejects.toMatchObject({
      message: `${path}: expected a file of secrets that only its owner can read or write but received 'mode ${mode.toString(8)}'. Run: chmod 600 ${path}`,
    });
  });

  test.each([0o640, 0o440])('mode %o is for its group, where that may be', async (mode) => {
    expect(await readPrivateFile(secret(mode), 'group', TERMS)).toBe('secret\n');
  });

  test('nor for everybody', async () => {
    await expect(readPrivateFile(secret(0o644), 'group', TERMS)).rejects.toThrow('Run: chmod o= ');
  });

  test('what is no file is told so', async () => {
    mkdirSync(join(folder, 'more'));
    await expect(readPrivateFile(join(folder, 'more'), 'nobody', TERMS)).rejects.toThrow('It is a folder.');
    await expect(readPrivateFile(join(folder, 'none'), 'nobody', TERMS)).rejects.toThrow('There is no such file.');
  });
});
