import { posix, win32 } from 'node:path';
import { describe, expect, it } from 'vitest';
import { outputNames, type PathRules } from '../../tools/output_names.js';

const WINDOWS: PathRules = { path: win32, capitalsDiffer: false };
const UNIX: PathRules = { path: posix, capitalsDiffer: true };

const named = (pictures: readonly string[], rules: PathRules, folder = rules === UNIX ? '/out' : 'D:\\out') => [
  ...outputNames(pictures, folder, ['.png'], rules).values(),
];

describe('outputNames', () => {
  it.each([
    ['base names that differ', UNIX, ['/pics/day1/a.jpg', '/pics/day2/b.jpg'], ['a', 'b']],
    ['base names that differ', WINDOWS, ['C:\\pics\\day1\\a.jpg', 'C:\\pics\\day2\\b.jpg'], ['a', 'b']],
    ['one base name', UNIX, ['/pics/day1/a.jpg', '/pics/day2/a.jpg'], ['day1/a', 'day2/a']],
    ['one base name', WINDOWS, ['C:\\pics\\day1\\a.jpg', 'C:\\pics\\day2\\a.jpg'], ['day1\\a', 'day2\\a']],
    ['with / as Windows takes it, too', WINDOWS, ['C:/pics/day1/a.jpg', 'C:\\pics\\a.jpg'], ['day1\\a', 'a']],
    ['folders of which one begins like the other', UNIX, ['/pics/a/x.jpg', '/pics/ab/x.jpg'], ['a/x', 'ab/x']],
    ['folders of which one begins like the other', WINDOWS, ['C:\\a\\x.jpg', 'C:\\ab\\x.jpg'], ['a\\x', 'ab\\x']],
    ['nothing but the root in common', UNIX, ['/a/x.jpg', '/b/x.jpg'], ['a/x', 'b/x']],
    ['several drives', WINDOWS, ['C:\\pics\\a.jpg', 'E:\\pics\\a.jpg'], ['C\\pics\\a', 'E\\pics\\a']],
    ['a share', WINDOWS, ['C:\\a.jpg', '\\\\server\\share\\a.jpg'], ['C\\a', 'server\\share\\a']],
    ['capitals, which Windows takes for the same', WINDOWS, ['C:\\1\\a.jpg', 'C:\\2\\A.jpg'], ['1\\a', '2\\A']],
    ['capitals, which Unix tells apart', UNIX, ['/1/a.jpg', '/2/A.jpg'], ['a', 'A']],
    ['a folder whose name begins with points', UNIX, ['/..pics/a.jpg', '/a.jpg'], ['..pics/a', 'a']],
  ])('%s', (_, rules, pictures, names) => {
    expect(named(pictures, rules)).toEqual(names);
  });

  it.each([
    [UNIX, ['/pics/a.jpg', '/pics/a.png'], '/out/a.png: expected a file for the result of one picture alone'],
    [
      WINDOWS,
      ['C:\\pics\\a.jpg', 'C:\\pics\\A.png'],
      'It would hold the result of C:\\pics\\a.jpg and of C:\\pics\\A.png',
    ],
  ])('refuses results that would overwrite each other', (rules, pictures, message) => {
    expect(() => named(pictures, rules)).toThrow(message);
  });

  it.each([
    [UNIX, ['/pics/a.png'], '/pics'],
    [WINDOWS, ['C:\\Pics\\a.png'], 'c:/pics'],
  ])('refuses a result in the place of a picture', (rules, pictures, folder) => {
    expect(() => named(pictures, rules, folder)).toThrow('It is one of the pictures: name another --out.');
  });
});
