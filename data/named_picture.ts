/**
 * Pictures that a data set names. Annotations come from elsewhere, and a name in them opens a file: it has to lie in the
 * folder of pictures, unless whoever runs the toolkit allows more.
 */
import { realpathSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import { LowformerError } from '../core/errors.js';

export interface NamedPictureOptions {
  /** Absolute names and `../` may lead anywhere. */
  readonly allowOutside?: boolean | undefined;
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
export function namedPictures(folder: string, { allowOutside = false }: NamedPictureOptions = {}): FindNamedPicture {
  const root = resolve(folder);
  // An absolute name may have been written from the folder's real place, or from a link to it.
  const roots = [root, realPath(root)].map((path) => (path.endsWith(sep) ? path : path + sep));
  return (name, where) => {
    const path = resolve(root, name);
    const inside = roots.some((own) => path.startsWith(own));
    if (name !== '' && (inside || (allowOutside && path !== root))) return path;
    const expected = `the name of a picture in ${folder}`;
    const hint =
      path === root
        ? 'It names no file.'
        : 'It leads out of the folder. Where that is meant, allow it with --allow-outside.';
    throw new LowformerError({ code: 'invalid-argument', where, expected, received: name, hint });
  };
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
