/** A dataset's annotations as marks: pictures by name and size, classes by position. */
import { relative, resolve } from 'node:path';
import { LowformerError } from '../core/errors.js';
import type { Size } from '../core/frame.js';
import type { AnnotatedPicture, DetectionAnnotations } from '../data/dataset.js';
import { readPictureSize } from '../data/picture_folder.js';
import { type Shape, shapePolygons } from '../geometry/shape.js';
import type { ExchangeFormat } from './define.js';
import type { MarkedPicture } from './marked.js';
import { withoutEnding } from './picture_names.js';

/** A picture as readers give it: with its file, or at least with its name, or with an id alone. */
type Sample = AnnotatedPicture & { readonly file?: string; readonly fileName?: string | undefined };

/**
 * One picture after the other. A size that the annotations do not give is read from the picture.
 * @param images the folder of the pictures, from which their names count.
 * @throws {LowformerError} `invalid-argument` where a name, a size or a picture is wanted and nothing says it.
 */
export async function* markedPictures(
  dataset: DetectionAnnotations<Sample>,
  format: Pick<ExchangeFormat, 'title' | 'needsPictures' | 'shapes'>,
  { images, copyImages }: { readonly images: string | undefined; readonly copyImages: boolean },
): AsyncGenerator<MarkedPicture> {
  const { categoryIds, countedIds, samples } = dataset;
  const indexOf = new Map(categoryIds.map((id, index) => [id, index]));
  for (const sample of samples) {
    const { id, file, size: known } = sample;
    const name = pictureName(sample, images);
    if (name === undefined) throw missing(dataset.name, 'the names of the pictures', id);
    if (file === undefined && (format.needsPictures === true || copyImages)) {
      throw missing(dataset.name, `the pictures, which ${format.title} names or holds`, name);
    }
    const size = known ?? (file === undefined ? undefined : await readPictureSize(file));
    if (size === undefined) throw missing(dataset.name, 'the sizes of the pictures', name);
    const objects = sample.objects.map((object) => ({
      id: countedIds === true ? undefined : object.id,
      classIndex: indexOf.get(object.categoryId) ?? 0,
      box: object.box,
      area: object.area,
      score: undefined,
      crowd: object.crowd,
      difficult: object.difficult,
      shape: heldShape(format, object.shape, size, name),
    }));
    yield { id: ownId(sample, name), name, file: file ?? '', size: sizeOf(size), objects };
  }
}

/** As the format has shapes: runs as they are, or their outlines. */
function heldShape(
  { shapes }: Pick<ExchangeFormat, 'shapes'>,
  shape: Shape | undefined,
  size: Size,
  where: string,
): Shape | undefined {
  if (shape?.kind !== 'runs') return shape;
  const { width, height } = shape.size;
  if (width !== size.width || height !== size.height) {
    const expected = `masks of ${size.width}x${size.height}, the size of the picture,`;
    throw new LowformerError({ code: 'invalid-argument', where, expected, received: `${width}x${height}` });
  }
  return shapes === 'polygons' || shapes === 'regions' ? { kind: 'polygons', polygons: shapePolygons(shape) } : shape;
}

/** Whether every picture has an id of its own that is a whole number. */
export function haveWholeIds({ samples }: DetectionAnnotations<Sample>): boolean {
  return samples.every(({ id }) => typeof id !== 'string');
}

/** The names of all pictures, as far as they are known. */
export function pictureNames({ samples }: DetectionAnnotations<Sample>, images: string | undefined): readonly string[] {
  return samples.flatMap((sample) => pictureName(sample, images) ?? []);
}

function pictureName({ file, fileName, id }: Sample, images: string | undefined): string | undefined {
  if (fileName !== undefined) return fileName.replaceAll('\\', '/');
  if (file === undefined) return undefined;
  const below = images === undefined ? undefined : relative(resolve(images), file).replaceAll('\\', '/');
  if (below !== undefined && !below.startsWith('../')) return below;
  // Readers of folders and lists call a picture by its path without ending.
  const ending = /\.[^./\\]*$/.exec(file)?.[0] ?? '';
  return `${id}${typeof id === 'string' ? ending : ''}`;
}

/** Undefined where a format without ids has called the picture by its name. */
function ownId({ id }: Sample, name: string): Sample['id'] | undefined {
  return typeof id === 'string' && (id === withoutEnding(name) || withoutEnding(name).endsWith(`/${id}`))
    ? undefined
    : id;
}

function sizeOf({ width, height }: Size): Size {
  return { width, height };
}

function missing(where: string, what: string, id: unknown): LowformerError {
  const hint = 'Say with --images where the pictures are.';
  return new LowformerError({
    code: 'invalid-argument',
    where,
    expected: `annotations that say ${what}`,
    received: id,
    hint,
  });
}
