import { writeFileSync } from 'node:fs';
import { join, posix, win32 } from 'node:path';
import { describe, expect, it } from 'vitest';
import { globPattern, matchingFiles } from '../../files/matching_files.js';
import { folderIn, temporaryFolder } from '../tools/command_line.js';

describe('globPattern', () => {
  it.each(['pics\\*.jpg', 'C:\\pics\\**\\*.{jpg,png}', '\\\\server\\share\\*.jpg', 'pics/*.jpg'])(
    'has / where Windows has a backslash: %s',
    (argument) => expect(globPattern(argument, win32)).toBe(argument.split('\\').join('/')),
  );

  it('leaves a backslash where it takes a meaning away', () => {
    expect(globPattern('\\[a\\]*.jpg', posix)).toBe('\\[a\\]*.jpg');
  });
});

describe('matchingFiles', () => {
  const cwd = temporaryFolder();
  folderIn(cwd, 'parts');
  for (const name of ['1.json', '2.json', '[1].json']) writeFileSync(join(cwd, 'parts', name), '');
  const at = (name: string) => join(cwd, 'parts', name);

  it('is the file of that name, whatever letters are in it, else what matches, sorted', async () => {
    expect(await matchingFiles(at('[1].json'))).toEqual([at('[1].json')]);
    expect(await matchingFiles(at('[12].json'))).toEqual([at('1.json'), at('2.json')]);
    expect(await matchingFiles(at('3.json'))).toEqual([]);
    expect(await matchingFiles(join(cwd, 'parts'))).toEqual([]);
  });
});
