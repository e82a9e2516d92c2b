/** COCO's object detection format (Lin et al., arXiv 1405.0312; cocodataset.org/#format-data): `instances_*.json`. */

import { shown } from '../core/harmless.js';
import { collectMistakes } from '../core/mistakes.js';
import type { Notes } from '../core/notes.js';
import {
  type Categories,
  type Marks,
  type Pictures,
  type Reading,
  readAnnotations,
  readCategories,
  readImages,
} from './coco_lists.js';
import type {
  AnnotatedPicture,
  DetectionAnnotations,
  DetectionDataset,
  GroundTruthObject,
  PictureId,
} from './dataset.js';
import { readBytes } from './files.js';
import { checkIsJson, foreign, foreignByEntryKeys, foreignByKeys } from './foreign_formats.js';
import { wrongEntry } from './json_entry.js';
import { JsonReader } from './json_reader.js';
import type { NamedPictureOptions } from './named_picture.js';
import { objectTable } from './object_table.js';
import { SAME_ID_NOTE, samePictureId } from './picture_id.js';
import { withNamedPictures } from './with_pictures.js';

export interface CocoOptions {
  /** Where oddities that are taken all the same are noted. */
  readonly notes?: Notes | undefined;
  /**
   * What an annotation without `area` means: a mistake (the default: COCO's size ranges go by it), or that nobody will
   * ask for it, and the area of its box is taken.
   */
  readonly missingArea?: 'error' | 'box';
  /**
   * What annotations have beside their boxes is passed over; or outlines (`segmentation`) are kept as the objects' `shape`, and the rest
   * (keypoints, keys of other tools) is noted with its number.
   */
  readonly outlines?: 'kept' | undefined;
}

/** A picture as a COCO file lists it. */
export interface CocoPicture extends AnnotatedPicture {
  readonly fileName: string | undefined;
}

const ANNOTATIONS = 'a file of COCO annotations: {"images": […], "annotations": […], "categories": […]}';

/**
 * The annotations alone: pictures are neither looked for nor needed. Outlines (`segmentation`) are passed over; 450 MB
 * of them need no more memory than the file itself.
 * @throws {LowformerError} `unreadable-file` for what is missing, cut off or no JSON; `invalid-argument`, with file,
 *   entry and value, for another format, a missing or wrong value, a negative size, an id that stands twice, an
 *   annotation of a picture or category that the file does not list.
 */
export async function readCocoAnnotations(
  file: string,
  options: CocoOptions = {},
): Promise<DetectionAnnotations<CocoPicture>> {
  return parseCocoAnnotations(await readBytes(file, ANNOTATIONS), file, options);
}

/**
 * A dataset to run a model over: `file_name` is looked for in the folder `images`.
 * @throws as `readCocoAnnotations`, and as `namedPictures` for a name that leads out of the folder.
 */
export async function readCoco(
  file: string,
  images: string,
  options: CocoOptions & NamedPictureOptions = {},
): Promise<DetectionDataset> {
  const annotations = await readCocoAnnotations(file, options);
  return withNamedPictures(annotations, images, options, (i) => `${file}: images[${i}].file_name`);
}

/** As `readCocoAnnotations`, of a file's bytes. */
export function parseCocoAnnotations(
  bytes: Uint8Array,
  file: string,
  { missingArea = 'error', notes, outlines }: CocoOptions = {},
): DetectionAnnotations<CocoPicture> {
  checkIsJson(bytes, file, ANNOTATIONS);
  const mistakes = collectMistakes();
  const reading = { file, notes, mistakes, outlines };
  const json = new JsonReader(bytes, file);
  if (json.kind() !== 'object') {
    const list = json.kind() === 'array';
    const other = list ? foreignByEntryKeys(file, firstKeys(json)) : undefined;
    if (other !== undefined) throw other;
    const hint = list ? 'This looks like a results file: detections, no annotations.' : undefined;
    throw wrongEntry(file, ANNOTATIONS, list ? 'a list' : json.value(), hint);
  }
  const seen = new Set<string>();
  const others: string[] = [];
  const pictures: Pictures = { ids: new Map(), names: [], sizes: [] };
  const categories: Categories = { names: [], ids: [], known: new Map() };
  const marks: Marks = { table: objectTable(), images: new Map(), categories: new Map() };
  json.object((key) => {
    if (key !== 'images' && key !== 'annotations' && key !== 'categories') {
      others.push(key);
      return json.skip();
    }
    if (seen.has(key)) throw wrongEntry(`${file}: ${key}`, 'the key once', 'the key twice');
    seen.add(key);
    if (json.kind() !== 'array') {
      const received = json.value();
      if (typeof received === 'object' && received !== null && 'label' in received) throw foreign(file, 'datumaro');
      throw wrongEntry(`${file}: ${key}`, 'a list', received, `Expected ${ANNOTATIONS}.`);
    }
    if (key === 'images') readImages(json, reading, pictures);
    else if (key === 'categories') readCategories(json, reading, categories);
    else readAnnotations(json, reading, marks, missingArea);
  });
  json.end();
  for (const key of ['images', 'annotations', 'categories']) {
    if (!seen.has(key)) {
      throw (
        foreignByKeys(file, [...seen, ...others]) ??
        wrongEntry(file, ANNOTATIONS, `an object without "${key}"`, seen.size === 0 ? undefined : OTHER_FORMATS)
      );
    }
  }
  mistakes.check();
  const hasIdZero = notes?.list().some(({ kind, where }) => kind === 'annotation-id-0' && where === file);
  return {
    kind: 'detection',
    name: file,
    classes: categories.names,
    categoryIds: categories.ids,
    samples: samplesOf(reading, pictures, categories, marks),
    ...(hasIdZero === true ? { hasIdZero } : {}),
  };
}

/** Of the first entry of a list; the reader stands behind it. */
function firstKeys(json: JsonReader): readonly string[] {
  const keys: string[] = [];
  json.array((index) => {
    if (index > 0 || json.kind() !== 'object') return json.skip();
    json.object((key) => {
      keys.push(key);
      json.skip();
    });
  });
  return keys;
}

const OTHER_FORMATS = 'Caption, panoptic and test-set files have no objects to score.';

/** Annotations of pictures that are not listed are in nobody's figures: they are left out with a count. */
function samplesOf(
  { file, notes }: Reading,
  { ids, names, sizes }: Pictures,
  categories: Categories,
  { table, images, categories: mentioned }: Marks,
): readonly CocoPicture[] {
  const rows = new Map<PictureId, number[]>();
  let orphans = 0;
  for (const [id, { index, entry, count }] of images) {
    const own = ids.has(id) ? id : samePictureId(id, ids);
    const example = `annotations[${entry}].image_id`;
    if (own === undefined) {
      orphans += count;
      notes?.add({ kind: 'orphan-annotation', where: file, message: ORPHANS }, `${example} ${shown(id)}`, count);
      continue;
    }
    if (own !== id) notes?.add({ ...SAME_ID_NOTE, where: file }, example, count);
    rows.set(own, [...(rows.get(own) ?? []), index]);
  }
  const [firstImage] = images;
  if (firstImage !== undefined && orphans === table.length) {
    const expected = `the id of a picture in "images" (${ids.size})`;
    throw wrongEntry(`${file}: annotations[${firstImage[1].entry}].image_id`, expected, firstImage[0], NONE_FITS);
  }
  const unlisted = [...mentioned].filter(([id]) => !categories.known.has(id));
  const [first] = unlisted;
  if (first !== undefined && unlisted.length === mentioned.size) {
    const listed = `the id of a category in "categories" (${categories.ids.slice(0, 10).join(', ')})`;
    throw wrongEntry(`${file}: annotations[${first[1].entry}].category_id`, listed, first[0], NONE_FITS);
  }
  for (const [id, { entry, count }] of unlisted) {
    const note = { kind: 'unlisted-category', where: file, message: UNLISTED };
    notes?.add(note, `annotations[${entry}].category_id ${id}`, count);
  }
  const left = new Set<number>(unlisted.map(([id]) => id));
  const objectsOf = table.byPicture(images.size);
  const known = ({ categoryId }: GroundTruthObject) => !left.has(categoryId);
  return Array.from(ids, ([id, position]) => {
    const own = rows.get(id) ?? [];
    return {
      id,
      fileName: names[position],
      size: sizes[position],
      get objects() {
        const [row, ...more] = own;
        if (row === undefined) return NONE;
        const objects = more.length === 0 ? objectsOf(row) : own.flatMap(objectsOf);
        return left.size === 0 ? objects : objects.filter(known);
      },
    };
  });
}

const ORPHANS = 'Annotations of pictures that are not in "images" are left out';
const UNLISTED = 'Annotations of categories that are not in "categories" are left out';
const NONE_FITS = 'None of the annotations fits.';
const NONE: readonly GroundTruthObject[] = [];
