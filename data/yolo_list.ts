/** Lists of pictures, as Darknet and ultralytics take them: a path a line. */
import { dirname, resolve } from 'node:path';
import { LowformerError } from '../core/errors.js';
import { handful, mapFew, pathKind, readBytes, stem } from './files.js';
import { picturesByStem } from './picture_folder.js';

/** A picture with the file of its labels, which need not be there. */
export interface YoloPair {
  readonly id: string;
  readonly file: string;
  readonly labelFile: string | undefined;
}

export interface YoloList {
  readonly kind: 'list';
  /** The text file. */
  readonly list: string;
  /** What its paths may start from besides its own folder. */
  readonly root: string;
}

/**
 * Each picture of a list with its label file: `images` in its path becomes `labels`, or the file lies beside it. Ids are
 * paths from the folder on that all of them share, without extension.
 * @param images where pictures are looked for by name that do not lie where the list says.
 * @throws {LowformerError} `unreadable-file` for a list without pictures, and for pictures that are not there.
 */
export async function listedPictures(
  { list, root }: YoloList,
  images: string | undefined,
): Promise<readonly YoloPair[]> {
  const text = new TextDecoder().decode(await readBytes(list, 'a list of pictures, a path a line'));
  const lines = [...new Set(text.split(/\r?\n/).map((line) => line.trim().replaceAll('\\', '/')))].filter(Boolean);
  const wrong = (expected: string, hint: string) =>
    new LowformerError({ code: 'unreadable-file', where: list, expected, hint });
  if (lines.length === 0) throw wrong('a list of pictures, a path a line', 'It is empty.');
  const paths = await mapFew(lines, async (line) => {
    const own = [resolve(dirname(list), line), resolve(root, line)];
    for (const path of own) if ((await pathKind(path)) === 'file') return { line, path, there: true };
    return { line, path: own[0] ?? line, there: false };
  });
  const shared = sharedFolder(paths.map(({ path }) => path.replaceAll('\\', '/')));
  const others = images === undefined ? undefined : await picturesByStem(images);
  const pairs = await mapFew(paths, async ({ path, there }) => {
    const id = stem(path.replaceAll('\\', '/').slice(shared.length));
    const file = there ? path : (others?.get(id) ?? others?.get(id.slice(id.lastIndexOf('/') + 1)));
    return { id, path, file, labelFile: await labelFileOf(path) };
  });
  const missing = pairs.filter(({ file }) => file === undefined).map(({ path }) => path);
  if (missing.length > 0) {
    const hint = `${missing.length} of ${pairs.length} are not there: ${handful(missing)}. Say with --images where they are.`;
    throw wrong('pictures that are there', hint);
  }
  return pairs.flatMap(({ id, file, labelFile }) => (file === undefined ? [] : [{ id, file, labelFile }]));
}

async function labelFileOf(picture: string): Promise<string | undefined> {
  const parts = picture.split(/[\\/]/);
  const at = parts.lastIndexOf('images');
  const beside = `${stem(picture.replaceAll('\\', '/'))}.txt`;
  const own = at < 0 ? beside : `${stem(parts.with(at, 'labels').join('/'))}.txt`;
  for (const file of [own, beside]) if ((await pathKind(file)) === 'file') return file;
  return undefined;
}

/** The longest folder that all paths begin with, `/` at its end. */
function sharedFolder(paths: readonly string[]): string {
  let shared = (paths[0] ?? '').slice(0, (paths[0] ?? '').lastIndexOf('/') + 1);
  for (const path of paths) {
    while (!path.startsWith(shared)) shared = shared.slice(0, shared.lastIndexOf('/', shared.length - 2) + 1);
  }
  return shared;
}
