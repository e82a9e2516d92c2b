import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { temporaryName } from '../../files/left_behind.js';
import { ownerName, thisProcess } from '../../files/process_owner.js';
import { checkEmptyFolder, writeWholeFolder } from '../../files/whole_folder.js';

const folder = mkdtempSync(join(tmpdir(), 'lowformer-whole-folder-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);
const twoFiles = async (inside: string) => {
  mkdirSync(join(inside, 'below'));
  await writeFile(join(inside, 'below/a.txt'), 'a');
  await writeFile(join(inside, 'list.txt'), 'below/a.txt');
};
const fails = async (inside: string) => {
  await twoFiles(inside);
  throw new RangeError('no more');
};

describe('writeWholeFolder', () => {
  test('makes the folder, and those above it', async () => {
    await writeWholeFolder(at('new/one'), twoFiles);
    expect(readdirSync(at('new/one')).sort()).toEqual(['below', 'list.txt']);
    expect(readFileSync(at('new/one/below/a.txt'), 'utf8')).toBe('a');
  });

  test('fills an empty one, and one with hidden files alone', async () => {
    mkdirSync(at('empty'));
    writeFileSync(at('empty/.hidden'), '');
    await writeWholeFolder(at('empty'), twoFiles);
    expect(readdirSync(at('empty')).sort()).toEqual(['.hidden', 'below', 'list.txt']);
  });

  test('nothing shows before all is there', async () => {
    await writeWholeFolder(at('watched'), async (inside) => {
      await twoFiles(inside);
      expect(readdirSync(at('watched')).filter((name) => !name.startsWith('.'))).toEqual([]);
    });
  });

  test('leaves nothing when writing fails: no folder that it made, an empty one as it was', async () => {
    await expect(writeWholeFolder(at('half/way/down'), fails)).rejects.toThrow(RangeError);
    expect(existsSync(at('half'))).toBe(false);
    mkdirSync(at('kept'));
    await expect(writeWholeFolder(at('kept'), fails)).rejects.toThrow(RangeError);
    expect(readdirSync(at('kept'))).toEqual([]);
  });

  test('what a killed process left there is removed, and does not count', async () => {
    const gone = ownerName({ ...thisProcess(), pid: spawnSync(process.execPath, ['--version']).pid, started: '' });
    const left = temporaryName('.unfinished').replace(ownerName(thisProcess()), gone);
    mkdirSync(join(at('killed'), left, 'images'), { recursive: true });
    await writeWholeFolder(at('killed'), twoFiles);
    expect(readdirSync(at('killed')).sort()).toEqual(['below', 'list.txt']);
  });

  test('refuses a folder that holds something, before the work', async () => {
    mkdirSync(at('full'));
    for (const name of ['b.txt', 'a.txt', '.hidden']) writeFileSync(join(at('full'), name), '');
    const message =
      "expected a folder that is new or empty but received 'a.txt and 1 more'. Nothing was written. Name another one, or remove what is in it.";
    await expect(checkEmptyFolder(at('full'))).rejects.toThrow(message);
    await expect(writeWholeFolder(at('full'), twoFiles)).rejects.toThrow(message);
    expect(readdirSync(at('full')).sort()).toEqual(['.hidden', 'a.txt', 'b.txt']);
  });

  test('refuses a file, and a place where no folder can be made', async () => {
    writeFileSync(at('file'), '');
    await expect(checkEmptyFolder(at('file'))).rejects.toMatchObject({ code: 'unwritable-file' });
    await expect(checkEmptyFolder('/proc/none/here')).rejects.toMatchObject({ code: 'unwritable-file' });
  });
});
