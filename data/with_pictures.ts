import { LowformerError } from '../core/errors.js';
import type { AnnotatedPicture, DetectionAnnotations, DetectionDataset } from './dataset.js';
import { handful } from './files.js';
import { missingKey } from './json_entry.js';
import { type NamedPictureOptions, namedPictures } from './named_picture.js';
import { picturesByStem } from './picture_folder.js';

/**
 * Annotations with their pictures, which are called as the ids, in folders below too, whatever their extensions.
 * @param source for messages: where the annotations are.
 * @throws {LowformerError} `unreadable-file` for ids without picture, and as `picturesByStem`.
 */
export async function withPictures(
  { samples, ...rest }: DetectionAnnotations,
  images: string,
  source: string,
): Promise<DetectionDataset> {
  const files = await picturesByStem(images);
  const missing = samples.filter(({ id }) => !files.has(String(id))).map(({ id }) => String(id));
  if (missing.length > 0) {
    const expected = `a picture for every annotation in ${source}`;
    const hint = `${missing.length} of ${samples.length} have none: ${handful(missing)}.`;
    throw new LowformerError({ code: 'unreadable-file', where: images, expected, hint });
  }
  return { ...rest, samples: samples.map((picture) => withFile(picture, files.get(String(picture.id)) ?? '')) };
}

/** A picture that its annotations name, or should. */
type Named = AnnotatedPicture & { readonly fileName: string | undefined };

/**
 * Annotations with their pictures, which are looked for by their names.
 * @param whereOf for messages: where the annotations name a picture.
 * @throws {LowformerError} `invalid-argument` for a picture without name, and as `namedPictures`.
 */
export function withNamedPictures(
  { samples, ...rest }: DetectionAnnotations<Named>,
  images: string,
  options: NamedPictureOptions,
  whereOf: (position: number, name: string | undefined) => string = (_, name) => `${rest.name}: ${name}`,
): DetectionDataset {
  const find = namedPictures(images, options);
  const found = samples.map((picture, i) => {
    const { fileName } = picture;
    if (fileName === undefined) throw missingKey(whereOf(i, fileName), 'the name of a picture');
    return withFile(picture, find(fileName, whereOf(i, fileName)));
  });
  return { ...rest, samples: found };
}

/** Its objects are made anew at each reading, as before. */
function withFile(picture: AnnotatedPicture, file: string) {
  const { id, size } = picture;
  return {
    id,
    size,
    file,
    get objects() {
      return picture.objects;
    },
  };
}
