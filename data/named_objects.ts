/** Datasets of formats that call classes and pictures by name: what their readers have in common. */
import { type CategoryId, categoryId } from '../core/brands.js';
import { LowformerError } from '../core/errors.js';
import type { Size } from '../core/frame.js';
import { harmless } from '../core/harmless.js';
import type { Notes } from '../core/notes.js';
import { type Shape, shapeArea } from '../geometry/shape.js';
import type { AnnotatedPicture, DetectionAnnotations, PictureId, XywhBox } from './dataset.js';
import { handful } from './files.js';
import { countedCategoryIds, objectTable } from './object_table.js';

/** A picture that its annotations name. */
export interface NamedPicture extends AnnotatedPicture {
  /** Path in the folder of pictures. */
  readonly fileName: string;
}

/** An object as the file has it. */
export interface NamedObject {
  readonly category: string;
  readonly box: XywhBox;
  /** What it covers, where that is kept and more than the box. */
  readonly shape?: Shape | undefined;
  /** Undefined: that of the shape, or of the box. */
  readonly area?: number | undefined;
  readonly crowd?: boolean;
  readonly difficult?: boolean;
  readonly id?: number | bigint | undefined;
  /** For messages: `annotations.xml: image[3].box[0]`. */
  readonly where: string;
}

export interface NamedObjectsPicture {
  readonly fileName: string;
  /** Undefined: the file's name without its ending. */
  readonly id?: PictureId | undefined;
  readonly size: Size | undefined;
  readonly objects: readonly NamedObject[];
  /** For messages. */
  readonly where: string;
}

export interface NamedObjectsOptions {
  /** Classes that are asked for, in their order; objects of others are left out, and noted. */
  readonly classes?: readonly string[] | undefined;
  /** Outlines are kept as the objects' `shape`; by default the boxes around them stand for them. */
  readonly outlines?: 'kept' | undefined;
  readonly notes?: Notes | undefined;
}

/** A format's own classes. */
export interface OwnClasses {
  readonly names: readonly string[];
  /** Absent where the format has none: they are counted. */
  readonly ids?: readonly number[];
}

/**
 * Of classes that the file does not list, those of its objects, sorted by code unit.
 * @throws {LowformerError} `invalid-argument` for a picture or an id that stands twice, a box of negative size or that is not
 *   finite, and where none of the objects is of a class that is asked for.
 */
export function namedObjects(
  file: string,
  pictures: readonly NamedObjectsPicture[],
  own: OwnClasses | undefined,
  { classes: asked, notes }: NamedObjectsOptions = {},
): DetectionAnnotations<NamedPicture> {
  const found = [...new Set(pictures.flatMap(({ objects }) => objects.map(({ category }) => category)))].sort();
  const classes = asked ?? own?.names ?? found;
  const ids = asked === undefined ? own?.ids?.map(categoryId) : ownIds(asked, own);
  const categoryIds = ids ?? countedCategoryIds(classes);
  const idOf = new Map(classes.map((name, i) => [name, categoryIds[i]]));
  if (found.length > 0 && !found.some((name) => idOf.has(name))) {
    throw invalid(file, `objects of the classes ${handful(classes)}`, handful(found));
  }
  const table = objectTable();
  const seen = new Map<PictureId, string>();
  pictures.forEach(({ fileName, id = stemOf(fileName), objects, where }, picture) => {
    const other = seen.get(id);
    if (other !== undefined) throw invalid(where, `each picture once (${other} is the same)`, id);
    seen.set(id, where);
    for (const {
      category,
      box,
      shape,
      crowd = false,
      difficult = false,
      id: objectId,
      where: place,
      ...one
    } of objects) {
      const [x, y, width, height] = box;
      if (!box.every(Number.isFinite) || width < 0 || height < 0) {
        throw invalid(place, 'a box of finite numbers, its width and height 0 or more', box);
      }
      const own = idOf.get(category);
      if (own === undefined) {
        notes?.add({ kind: 'foreign-class', where: file, message: FOREIGN }, `${place} '${harmless(category)}'`);
        continue;
      }
      const row = { picture, id: objectId ?? table.length + 1, categoryId: own, x, y, width, height };
      const outline = shape === undefined ? undefined : () => shape;
      const area = one.area ?? (shape === undefined ? width * height : shapeArea(shape));
      table.add({ ...row, area, crowd, difficult, outline });
    }
  });
  const objectsOf = table.byPicture(pictures.length);
  const samples = pictures.map(({ fileName, id = stemOf(fileName), size }, i) => ({
    id,
    fileName,
    size,
    get objects() {
      return objectsOf(i);
    },
  }));
  const counted = ids === undefined ? ({ countedIds: true } as const) : {};
  return { kind: 'detection', name: file, classes, categoryIds, ...counted, samples };
}

const FOREIGN = 'Objects of classes that are not asked for are left out';

/** Undefined where one of the classes has none. */
function ownIds(asked: readonly string[], own: OwnClasses | undefined): readonly CategoryId[] | undefined {
  const known = asked.flatMap((name) => own?.ids?.[own.names.indexOf(name)] ?? []);
  return known.length === asked.length && new Set(known).size === known.length ? known.map(categoryId) : undefined;
}

/** Name without ending. */
export function stemOf(fileName: string): string {
  return fileName.replace(/\.[^./]*$/, '');
}

function invalid(where: string, expected: string, received: unknown): LowformerError {
  return new LowformerError({ code: 'invalid-argument', where, expected, received });
}
