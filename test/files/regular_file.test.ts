import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openRegularFile, openRegularFileSync, readRegularFile } from '../../files/regular_file.js';
import { needs } from '../needs.js';

const TERMS = { expected: 'a file of numbers' };

describe('a regular file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lowformer-test-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'numbers');
  writeFileSync(file, 'one two');

  test('is read whole, behind a link too', async () => {
    symlinkSync(file, join(folder, 'link'));
    expect(new TextDecoder().decode(await readRegularFile(join(folder, 'link'), TERMS))).toBe('one two');
    expect(openRegularFileSync(file, TERMS).size).toBe(7);
    await using handle = await openRegularFile(file, TERMS);
    expect((await handle.stat()).size).toBe(7);
  });

  test('of more bytes than are wanted is refused unread', async () => {
    await expect(readRegularFile(file, TERMS, 6)).rejects.toThrow('It has 7 bytes, and at most 6 are read.');
  });

  test(
    'is what no pipe, device or socket is, at once, linked or not',
    needs('notWindows', process.platform !== 'win32'),
    async () => {
      const pipe = join(folder, 'pipe');
      execFileSync('mkfifo', [pipe]);
      symlinkSync(pipe, join(folder, 'picture.png'));
      symlinkSync('/dev/zero', join(folder, 'endless.png'));
      const server = createServer().listen(join(folder, 'socket'));
      await new Promise((resolve) => server.once('listening', resolve));
      for (const [name, reason] of [
        ['pipe', 'It is a pipe'],
        ['picture.png', 'It is a pipe'],
        ['endless.png', 'It is a device'],
        ['socket', ''],
        ['.', 'It is a folder'],
        ['missing', 'There is no such file'],
      ] as const) {
        const path = join(folder, name);
        const message = `${path}: expected a file of numbers. ${reason}`;
        await expect(readRegularFile(path, TERMS)).rejects.toThrow(message);
        expect(() => openRegularFileSync(path, TERMS)).toThrow(message);
      }
      server.close();
    },
  );
});
