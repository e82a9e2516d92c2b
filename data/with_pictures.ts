import { LowformerError } from '../core/errors.js';
import type { DetectionAnnotations, DetectionDataset } from './dataset.js';
import { handful } from './files.js';
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
  const found = samples.map((picture) => {
    const { id, size } = picture;
    return {
      id,
      size,
      file: files.get(String(id)) ?? '',
      get objects() {
        return picture.objects;
      },
    };
  });
  return { ...rest, samples: found };
}
