/** COCO's object detection format (Lin et al., arXiv 1405.0312; cocodataset.org/#format-data): `instances_*.json`. */

import {
  type Categories,
  type Marks,
  type Pictures,
  readAnnotations,
  readCategories,
  readImages,
} from './coco_lists.js';
import type { AnnotatedPicture, DetectionAnnotations, DetectionDataset, GroundTruthObject } from './dataset.js';
import { readBytes } from './files.js';
import { missingKey, wrongEntry } from './json_entry.js';
import { JsonReader } from './json_reader.js';
import { type NamedPictureOptions, namedPictures } from './named_picture.js';
import { objectTable } from './object_table.js';

export interface CocoOptions {
  /**
   * What an annotation without `area` means: a mistake (the default: COCO's size ranges go by it), or that nobody will
   * ask for it, and the area of its box is taken.
   */
  readonly missingArea?: 'error' | 'box';
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
  const { samples, ...rest } = await readCocoAnnotations(file, options);
  const find = namedPictures(images, options);
  const found = samples.map((picture, i) => {
    const { id, size, fileName } = picture;
    const where = `${file}: images[${i}].file_name`;
    if (fileName === undefined) throw missingKey(where, 'the name of a picture');
    return {
      id,
      size,
      file: find(fileName, where),
      get objects() {
        return picture.objects;
      },
    };
  });
  return { ...rest, samples: found };
}

/** As `readCocoAnnotations`, of a file's bytes. */
export function parseCocoAnnotations(
  bytes: Uint8Array,
  file: string,
  { missingArea = 'error' }: CocoOptions = {},
): DetectionAnnotations<CocoPicture> {
  const json = new JsonReader(bytes, file);
  if (json.kind() !== 'object') {
    const list = json.kind() === 'array';
    const hint = list ? 'This looks like a results file: detections, no annotations.' : undefined;
    throw wrongEntry(file, ANNOTATIONS, list ? 'a list' : json.value(), hint);
  }
  const seen = new Set<string>();
  const pictures: Pictures = { ids: new Map(), names: [], sizes: [] };
  const categories: Categories = { names: [], ids: [], known: new Map() };
  const marks: Marks = { table: objectTable(), images: new Map(), categories: new Map() };
  json.object((key) => {
    if (key !== 'images' && key !== 'annotations' && key !== 'categories') return json.skip();
    if (seen.has(key)) throw wrongEntry(`${file}: ${key}`, 'the key once', 'the key twice');
    seen.add(key);
    if (json.kind() !== 'array')
      throw wrongEntry(`${file}: ${key}`, 'a list', json.value(), `Expected ${ANNOTATIONS}.`);
    if (key === 'images') readImages(json, file, pictures);
    else if (key === 'categories') readCategories(json, file, categories);
    else readAnnotations(json, file, marks, missingArea);
  });
  json.end();
  for (const key of ['images', 'annotations', 'categories']) {
    if (!seen.has(key)) {
      throw wrongEntry(file, ANNOTATIONS, `an object without "${key}"`, seen.size === 0 ? undefined : OTHER_FORMATS);
    }
  }
  checkReferences(marks, pictures, categories, file);
  return {
    kind: 'detection',
    name: file,
    classes: categories.names,
    categoryIds: categories.ids,
    samples: samplesOf(pictures, marks),
  };
}

const OTHER_FORMATS = 'Caption, panoptic and test-set files have no objects to score.';

function checkReferences(marks: Marks, pictures: Pictures, categories: Categories, file: string): void {
  for (const [id, { entry }] of marks.images) {
    if (pictures.ids.has(id)) continue;
    const count = pictures.ids.size;
    throw wrongEntry(`${file}: annotations[${entry}].image_id`, `the id of a picture in "images" (${count})`, id);
  }
  for (const [id, { entry }] of marks.categories) {
    if (categories.known.has(id)) continue;
    const listed = `the id of a category in "categories" (${categories.ids.slice(0, 10).join(', ')})`;
    throw wrongEntry(`${file}: annotations[${entry}].category_id`, listed, id);
  }
}

function samplesOf({ ids, names, sizes }: Pictures, { table, images }: Marks): readonly CocoPicture[] {
  const objectsOf = table.byPicture(images.size);
  return Array.from(ids, ([id, position]) => {
    const row = images.get(id)?.index;
    return {
      id,
      fileName: names[position],
      size: sizes[position],
      get objects() {
        return row === undefined ? NONE : objectsOf(row);
      },
    };
  });
}

const NONE: readonly GroundTruthObject[] = [];
