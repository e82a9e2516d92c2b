import { join, resolve } from 'node:path';
import { LowformerError } from '../core/errors.js';
import { handful, listOtherPictures, listPictures } from '../data/files.js';
import { matchingFiles } from '../files/matching_files.js';
import { statNamed } from '../files/undecoded_name.js';
import { PICTURE_ENDINGS } from '../images/picture_endings.js';

/** What IMAGE… means, and the arguments that mean nothing: they do not keep the pictures that are there. */
export interface ImageArguments {
  readonly files: readonly string[];
  readonly bad: readonly LowformerError[];
  /** Pictures in folders, in formats that are not read: passed over, and to be told. */
  readonly passedOver: readonly string[];
}

/**
 * The pictures that IMAGE… means: files as named, folders with all that is below them, globs; each once, in order.
 * Whether a file can be read shows later.
 * @throws {LowformerError} `unreadable-file` when there is no picture at all.
 */
export async function expandImages(args: readonly string[]): Promise<ImageArguments> {
  const found = new Map<string, string>();
  const bad: LowformerError[] = [];
  const passedOver: string[] = [];
  for (const argument of args) {
    try {
      for (const path of await expand(argument, passedOver))
        if (!found.has(resolve(path))) found.set(resolve(path), path);
    } catch (error) {
      if (!(error instanceof LowformerError)) throw error;
      bad.push(error);
    }
  }
  const [first, ...others] = bad;
  if (found.size > 0 || first === undefined) return { files: [...found.values()], bad, passedOver };
  if (others.length === 0) throw first;
  throw new LowformerError({
    code: 'unreadable-file',
    where: 'IMAGE',
    expected: 'at least one picture, but there is none',
    hint: `What cannot be found:${bad.map(({ message }) => `\n  ${message}`).join('')}`,
  });
}

async function expand(argument: string, passedOver: string[]): Promise<readonly string[]> {
  const kind = await statNamed(argument);
  if (kind?.isFile() === true) return [argument];
  if (kind?.isDirectory() === true) {
    const names = await listPictures(argument);
    const others = (await listOtherPictures(argument)).map((name) => join(argument, name));
    passedOver.push(...others);
    if (names.length > 0) return names.map((name) => join(argument, name));
    const unread = others.length === 0 ? '' : ` Those in it are in formats that are not read: ${handful(others)}.`;
    const hint = `Endings looked for: ${PICTURE_ENDINGS.join(', ')}.${unread}`;
    throw new LowformerError({
      code: 'unreadable-file',
      where: argument,
      expected: 'a folder with pictures, but there is none in it',
      hint,
    });
  }
  if (kind === undefined) {
    const matching = await matchingFiles(argument);
    if (matching.length > 0) return matching;
  }
  const but = kind === undefined ? 'there is nothing of that name' : 'it is neither file nor folder';
  const expected = `a picture, a folder or a glob, but ${but}`;
  throw new LowformerError({ code: 'unreadable-file', where: argument, expected });
}
