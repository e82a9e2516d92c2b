import { LowformerError } from '../core/errors.js';
import type { Size } from '../core/frame.js';
import { openRegularFile, readRegularFile } from '../files/regular_file.js';
import { isUndecoded } from '../files/undecoded_name.js';
import { decodeImage } from '../images/decode.js';
import { loadSharp } from '../images/load_sharp.js';
import type { DetectionSample } from './dataset.js';
import { absolute, checkFolder, handful, listOtherPictures, listPictures, mapFew, pathKind, stem } from './files.js';

/**
 * The pictures below a folder by their path in it without extension, as absolute paths, sorted.
 * @throws {LowformerError} `unreadable-file` for a missing folder, one without pictures, two pictures of one name.
 */
export async function picturesByStem(folder: string): Promise<ReadonlyMap<string, string>> {
  await checkFolder(folder, 'a folder of pictures');
  const paths = await listPictures(folder);
  if (paths.length === 0) {
    const others = await listOtherPictures(folder);
    const hint =
      others.length === 0
        ? 'There is none in it.'
        : `Those in it are in formats that are not read: ${handful(others)}.`;
    throw new LowformerError({ code: 'unreadable-file', where: folder, expected: 'a folder of pictures', hint });
  }
  const found = new Map<string, string>();
  for (const path of paths) {
    const id = stem(path);
    if (found.has(id)) {
      const expected = 'one picture of a name, whatever its extension';
      throw new LowformerError({ code: 'unreadable-file', where: folder, expected, received: path });
    }
    found.set(id, absolute(folder, path));
  }
  return found;
}

const PICTURE = { expected: 'a picture', code: 'unreadable-image' } as const;

/**
 * Width and height as displayed (EXIF applied), from the file's header; bitmaps are decoded.
 * @throws {LowformerError} `unreadable-image`.
 */
export async function readPictureSize(file: string): Promise<Size> {
  // A link may lead to a pipe or a device, which libvips would read.
  await (await openRegularFile(file, PICTURE)).close();
  const sharp = await loadSharp();
  // libvips knows names in UTF-8 alone.
  const source = isUndecoded(file) ? await readRegularFile(file, PICTURE) : file;
  const header = await sharp(source)
    .metadata()
    .catch(() => undefined);
  if (header !== undefined) return { width: header.autoOrient.width, height: header.autoOrient.height };
  // A bitmap, which libvips does not read; of anything else this says what is wrong with it.
  const { width, height } = await decodeImage(file);
  return { width, height };
}

/**
 * That a picture has the size that its annotations give: else boxes lie elsewhere than on what they mark.
 * @throws {LowformerError} `invalid-argument`, naming the picture and both sizes.
 */
export function checkSampleSize({ file, size }: Pick<DetectionSample, 'file' | 'size'>, actual: Size): void {
  if (size === undefined || (size.width === actual.width && size.height === actual.height)) return;
  const turned = size.width === actual.height && size.height === actual.width;
  throw new LowformerError({
    code: 'invalid-argument',
    where: file,
    expected: `a picture of ${size.width}x${size.height}, as its annotations say,`,
    received: `${actual.width}x${actual.height}`,
    hint: turned
      ? 'Width and height are swapped: its EXIF orientation turns it, and whoever annotated it saw it unturned. Strip the orientation from the file, or turn the boxes.'
      : 'The picture was resized or replaced after it was annotated.',
  });
}

/**
 * That all pictures of a dataset are there, before the first of thousands is run.
 * @throws {LowformerError} `unreadable-file`, listing a handful of those that are not.
 */
export async function checkPicturesExist(dataset: {
  readonly name: string;
  readonly samples: readonly { readonly file: string }[];
}): Promise<void> {
  const kinds = await mapFew(dataset.samples, ({ file }) => pathKind(file));
  const of = (...wanted: readonly (typeof kinds)[number][]) =>
    dataset.samples.flatMap(({ file }, i) => (wanted.some((kind) => kind === kinds[i]) ? [file] : []));
  const [missing, special] = [of('missing', 'folder'), of('special')];
  if (missing.length + special.length === 0) return;
  const absent = `${missing.length} of ${dataset.samples.length} are missing: ${handful(missing)}.`;
  const others = `${special.length} are devices or pipes, which are not read: ${handful(special)}.`;
  const hint = [...(missing.length > 0 ? [absent] : []), ...(special.length > 0 ? [others] : [])].join(' ');
  throw new LowformerError({ code: 'unreadable-file', where: dataset.name, expected: 'all of its pictures', hint });
}
