import { execFileSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { checkWritable, openGrowing, writeWhole } from '../../files/atomic_write.js';
import { needs } from '../needs.js';

const folder = mkdtempSync(join(tmpdir(), 'lowformer-write-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);
const write = (path: string, text: string) => writeWhole(path, async (file) => void (await file.writeFile(text)));

describe('writeWhole', () => {
  test('takes the place of what was there, or leaves it when writing fails', async () => {
    writeFileSync(at('a.txt'), 'old');
    const fails = writeWhole(at('a.txt'), async (file) => {
      await file.writeFile('half');
      throw new RangeError('no more');
    });
    await expect(fails).rejects.toThrow(RangeError);
    expect(readFileSync(at('a.txt'), 'utf8')).toBe('old');
    await write(at('a.txt'), 'new');
    expect(readFileSync(at('a.txt'), 'utf8')).toBe('new');
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('makes the folders above', async () => {
    await write(at('some/where/a.txt'), 'text');
    expect(readFileSync(at('some/where/a.txt'), 'utf8')).toBe('text');
  });

  test('follows a link', async () => {
    writeFileSync(at('target.txt'), 'old');
    symlinkSync('target.txt', at('link.txt'));
    await write(at('link.txt'), 'new');
    expect(lstatSync(at('link.txt')).isSymbolicLink()).toBe(true);
    expect(readFileSync(at('target.txt'), 'utf8')).toBe('new');
  });

  test('writes into a pipe, and does not replace it', needs('notWindows', process.platform !== 'win32'), async () => {
    execFileSync('mkfifo', [at('pipe')]);
    const [read] = await Promise.all([readFile(at('pipe'), 'utf8'), write(at('pipe'), 'through')]);
    expect(read).toBe('through');
    expect(lstatSync(at('pipe')).isFIFO()).toBe(true);
  });
});

describe('openGrowing', () => {
  test('is read while it grows, and keeps what it has', async () => {
    mkdirSync(at('days'));
    writeFileSync(at('days/log.txt'), 'old');
    {
      await using file = await openGrowing(at('days/log.txt'));
      await file.append('one\n');
      expect(readFileSync(at('days/log.txt'), 'utf8')).toBe('one\n');
      await file.append('two\n');
    }
    expect(readFileSync(at('days/log.txt'), 'utf8')).toBe('one\ntwo\n');
    expect(readdirSync(at('days'))).toEqual(['log.txt']);
  });

  test('makes the folders above, and is finished once', async () => {
    const file = await openGrowing(at('more/and/more.txt'));
    await file.append('text');
    await file.finish();
    await file.finish();
    expect(readFileSync(at('more/and/more.txt'), 'utf8')).toBe('text');
  });

  test('says what the system said', async () => {
    await expect(openGrowing(folder)).rejects.toThrow(/expected a file, but it is a folder/);
  });
});

const FILE =
  /b\.txt: expected a place that can be written to\. There is a file where a folder is needed\. Nothing was written\.$/;

describe('checkWritable', () => {
  test('passes where writeWhole would, and leaves nothing behind', async () => {
    mkdirSync(at('empty'));
    await checkWritable(at('empty/new.txt'));
    await checkWritable(at('empty/below/that/new.txt'));
    await checkWritable(at(`empty/${'n'.repeat(200)}`));
    expect(readdirSync(at('empty'))).toEqual([]);
    writeFileSync(at('kept.txt'), 'kept');
    await checkWritable(at('kept.txt'));
    expect(readFileSync(at('kept.txt'), 'utf8')).toBe('kept');
  });

  test.each([
    ['a.txt/b.txt', FILE],
    ['a.txt/none/b.txt', FILE],
    ['.', /: expected a file, but it is a folder$/],
  ])('refuses what writeWhole refuses, with the same words: %s', async (name, message) => {
    await expect(checkWritable(at(name))).rejects.toThrow(message);
    await expect(write(at(name), 'text')).rejects.toThrow(message);
    await expect(checkWritable(at(name))).rejects.toMatchObject({ code: 'unwritable-file' });
  });
});
