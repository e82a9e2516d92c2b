import { LowformerError } from '../../core/errors.js';
import { absolute, checkFolder, listPictures, pathKind, stem } from '../../data/files.js';

/** The file of a picture by its file name, or else by its path without extension. */
export type FindPicture = (name: string) => Promise<string>;

/**
 * @param folder undefined: there are no pictures to show.
 * @throws {LowformerError} `unreadable-file`: at once without that folder, and later for a picture that is not in it.
 */
export async function pictureFinder(folder: string | undefined): Promise<FindPicture | undefined> {
  if (folder === undefined) return undefined;
  await checkFolder(folder, 'a folder of pictures');
  const byStem = new Map((await listPictures(folder)).map((path) => [stem(path), path]));
  return async (name) => {
    const own = absolute(folder, name);
    if ((await pathKind(own)) === 'file') return own;
    const found = byStem.get(name) ?? byStem.get(stem(name));
    if (found !== undefined) return absolute(folder, found);
    throw new LowformerError({
      code: 'unreadable-file',
      where: folder,
      expected: `the picture '${name}' in this folder`,
    });
  };
}
