import { LowformerError } from '../core/errors.js';
import { absolute, checkFolder, listPictures, pathKind, stem } from '../data/files.js';
import { type NamedPictureOptions, namedPictures } from '../data/named_picture.js';

/**
 * The file of a picture by its file name, or else by its path without extension.
 * @param where what names it, for messages: `gt.json: images[3].file_name`.
 */
export type FindPicture = (name: string, where: string) => Promise<string>;

/**
 * @param folder undefined: there are no pictures to show.
 * @throws {LowformerError} `unreadable-file`: at once without that folder, and later for a picture that is not in it;
 *   `invalid-argument` for a name that leads out of it.
 */
export async function pictureFinder(
  folder: string | undefined,
  options: NamedPictureOptions,
): Promise<FindPicture | undefined> {
  if (folder === undefined) return undefined;
  await checkFolder(folder, 'a folder of pictures');
  const find = namedPictures(folder, options);
  const byStem = new Map((await listPictures(folder)).map((path) => [stem(path), path]));
  return async (name, where) => {
    const own = find(name, where);
    if (['file', 'special'].includes(await pathKind(own))) return own;
    const found = byStem.get(name) ?? byStem.get(stem(name));
    if (found !== undefined) return absolute(folder, found);
    throw new LowformerError({
      code: 'unreadable-file',
      where: folder,
      expected: `the picture '${name}' in this folder`,
    });
  };
}
