/**
 * Pictures that a data set names. Annotations come from elsewhere, and a name in them opens a file: it has to lie in the
 * folder of pictures, unless whoever runs the toolkit allows more.
 */
import { existsSync, realpathSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import { LowformerError } from '../core/errors.js';
import { harmless } from '../core/harmless.js';
import type { Notes } from '../core/notes.js';

export interface NamedPictureOptions {
  /** Absolute names and `../` may lead anywhere. */
  readonly allowOutside?: boolean | undefined;
  /** Where it is noted that a picture has another name than the annotations say. */
  readonly notes?: Notes | undefined;
}

/**
 * The absolute path of the picture that a data set calls `name`; whether it is there shows later.
 * @param where what names it, for messages: `gt.json: images[3].file_name`.
 * @throws {LowformerError} `invalid-argument` for an empty name, and for one that leads out of the folder.
 */
export type FindNamedPicture = (name: string, where: string) => string;

/**
 * Names are paths from `folder` on, or absolute. Links are followed wherever they lead, since that is how people arrange
 * data sets: only the name itself has to stay inside.
 */
export function namedPictures(
  folder: string,
  { allowOutside = false, notes }: NamedPictureOptions = {},
): FindNamedPicture {
  const root = resolve(folder);
  // An absolute name may have been written from the folder's real place, or from a link to it.
  const roots = [root, realPath(root)].map((path) => (path.endsWith(sep) ? path : path + sep));
  return (name, where) => {
    const path = resolve(root, name);
    const inside = roots.some((own) => path.startsWith(own));
    if (name !== '' && (inside || (allowOutside && path !== root))) {
      if (!/[\\%]/.test(name) || existsSync(path)) return path;
      const found = otherNames(name)
        .map((other) => resolve(root, other))
        .find((other) => roots.some((own) => other.startsWith(own)) && existsSync(other));
      if (found === undefined) return path;
      notes?.add({ kind: 'picture-name', where: folder, message: OTHER_NAME }, harmless(name));
      return found;
    }
    const expected = `the name of a picture in ${folder}`;
    const hint =
      path === root
        ? 'It names no file.'
        : 'It leads out of the folder. Where that is meant, allow it with --allow-outside.';
    throw new LowformerError({ code: 'invalid-argument', where, expected, received: name, hint });
  };
}

const OTHER_NAME = 'Pictures are named with backslashes or as in URLs (%20), and found as they are called here';

/** How a name was meant that Windows wrote, or a tool that makes URLs of names. */
function otherNames(name: string): readonly string[] {
  const slashes = name.replaceAll('\\', '/');
  return [slashes, decoded(name), decoded(slashes)].flatMap((other) => (other === undefined ? [] : [other]));
}

function decoded(name: string): string | undefined {
  try {
    return decodeURIComponent(name);
  } catch {
    return undefined;
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
