/** COCO's panoptic format (Kirillov et al., arXiv 1801.00868; cocodataset.org/#format-data): `panoptic_*.json`, and a PNG a picture. */
import type { CategoryId } from '../core/brands.js';
import { LowformerError } from '../core/errors.js';
import { harmless, shown } from '../core/harmless.js';
import { collectMistakes } from '../core/mistakes.js';
import type { Notes } from '../core/notes.js';
import { type Categories, type Pictures, type Reading, readCategories, readImages } from './coco_lists.js';
import { type PanopticAnnotation, readPanopticAnnotations, type Segment } from './coco_segments.js';
import type { PictureId, SegmentationDataset, SegmentationSample } from './dataset.js';
import { absolute, handful, listFiles, pathKind, readBytes, stem } from './files.js';
import { checkIsJson } from './foreign_formats.js';
import { wrongEntry } from './json_entry.js';
import { JsonReader } from './json_reader.js';
import { type NamedPictureOptions, namedPictures } from './named_picture.js';
import { SAME_ID_NOTE, samePictureId } from './picture_id.js';
import { choosePictures, readPictureList } from './subset.js';

export interface PanopticOptions extends NamedPictureOptions {
  /** A config's: categories are matched to them by name, and what it has not is ignored, with a note. By default all count. */
  readonly classes?: readonly string[] | undefined;
  /** A file that names the pictures that count. */
  readonly list?: string | undefined;
  readonly notes?: Notes | undefined;
}

export interface PanopticSample extends SegmentationSample {
  /** COCO's `image_id`. */
  readonly pictureId: PictureId;
  readonly segments: ReadonlyMap<number, number>;
  /** Ids of segments of many objects that are not told apart. */
  readonly crowds: readonly number[];
}

/** Labels are positions in `classes`; 255 is no class (65535 of more than 255 classes). */
export interface PanopticDataset extends SegmentationDataset {
  readonly classes: readonly string[];
  /** Of each class; undefined of one that the file has not. */
  readonly categoryIds: readonly (CategoryId | undefined)[];
  /** Of each class whether its objects are told apart: `isthing`. */
  readonly things: readonly boolean[];
  readonly samples: readonly PanopticSample[];
}

const ANNOTATIONS =
  'a file of COCO\'s panoptic format: {"images": […], "annotations": [{"segments_info": […]}], "categories": […]}';

/**
 * A data set of label maps, a class for each pixel. PNGs lie in the folder that is called as the JSON without its ending, as COCO's do.
 * Pictures that nothing is annotated of are left out, with a note.
 * @throws {LowformerError} `unreadable-file` for what is missing, cut off or no JSON, and for PNGs that are not there; `invalid-argument`,
 *   with file, entry and value, for another format, a missing or wrong value, an id that stands twice, a picture or category that
 *   the file does not list, and classes none of which it has.
 */
export async function readCocoPanoptic(
  file: string,
  images: string,
  { classes: asked, list, notes, allowOutside }: PanopticOptions = {},
): Promise<PanopticDataset> {
  const { categories, pictures, annotations } = parse(await readBytes(file, ANNOTATIONS), file, notes);
  const classes = asked ?? categories.names;
  const indexOf = classIndices(file, categories, classes, asked, notes);
  const ignoreIndex = classes.length > 255 ? 65535 : 255;
  const folder = stem(file);
  const files = new Set(await pngsIn(folder));
  const find = namedPictures(images, { allowOutside, notes });
  const chosen = await chosenOf(annotations, pictures, list, file);
  const missing = chosen.filter(({ fileName }) => !files.has(fileName)).map(({ fileName }) => fileName);
  if (missing.length > 0) {
    const hint = `${missing.length} of ${chosen.length} are missing: ${handful(missing)}.`;
    const expected = `the PNGs that ${file} names`;
    throw new LowformerError({ code: 'unreadable-file', where: folder, expected, hint });
  }
  const samples = chosen.map(({ fileName, image, segments }): PanopticSample => {
    const name = pictures.names[image.entry];
    const place = `${file}: images[${image.entry}].file_name`;
    if (name === undefined) throw wrongEntry(place, 'the name of a picture', undefined, 'The key is missing.');
    const labelOf = ({ category }: Segment) => indexOf.get(category) ?? ignoreIndex;
    return {
      id: stem(name.replaceAll('\\', '/')),
      pictureId: image.id,
      file: find(name, place),
      labelFile: absolute(folder, fileName),
      segments: new Map(segments.map((segment) => [segment.id, labelOf(segment)])),
      crowds: segments.flatMap(({ id, crowd }) => (crowd ? [id] : [])),
    };
  });
  const positions = classes.map((name) => categories.names.findIndex((own) => own.trim() === name.trim()));
  return {
    ...{ kind: 'segmentation', name: file, classes, samples, reduceZeroLabel: false, ignoreIndex },
    categoryIds: positions.map((position) => categories.ids[position]),
    things: positions.map((position) => categories.things?.[position] ?? true),
  };
}

interface Parsed {
  readonly categories: Categories;
  readonly pictures: Pictures;
  readonly annotations: readonly (Pick<PanopticAnnotation, 'fileName' | 'segments'> & {
    readonly image: { readonly id: PictureId; readonly entry: number };
  })[];
}

function parse(bytes: Uint8Array, file: string, notes: Notes | undefined): Parsed {
  checkIsJson(bytes, file, ANNOTATIONS);
  const reading: Reading = { file, notes, mistakes: collectMistakes() };
  const json = new JsonReader(bytes, file);
  if (json.kind() !== 'object') throw wrongEntry(file, ANNOTATIONS, json.kind() === 'array' ? 'a list' : json.value());
  const pictures: Pictures = { ids: new Map(), names: [], sizes: [] };
  const categories: Categories = { names: [], ids: [], known: new Map(), things: [] };
  const annotations: PanopticAnnotation[] = [];
  const seen = new Set<string>();
  json.object((key) => {
    if (key !== 'images' && key !== 'annotations' && key !== 'categories') return json.skip();
    if (seen.has(key)) throw wrongEntry(`${file}: ${key}`, 'the key once', 'the key twice');
    seen.add(key);
    if (json.kind() !== 'array')
      throw wrongEntry(`${file}: ${key}`, 'a list', json.value(), `Expected ${ANNOTATIONS}.`);
    if (key === 'images') readImages(json, reading, pictures);
    else if (key === 'categories') readCategories(json, reading, categories);
    else annotations.push(...readPanopticAnnotations(json, reading));
  });
  json.end();
  const absent = ['images', 'annotations', 'categories'].find((key) => !seen.has(key));
  if (absent !== undefined) throw wrongEntry(file, ANNOTATIONS, `an object without "${absent}"`);
  reading.mistakes.check();
  return { categories, pictures, annotations: linked(reading, annotations, pictures, categories) };
}

/** Annotations with the pictures that they are of. Mistakes are told together. */
function linked(
  { file, notes, mistakes }: Reading,
  annotations: readonly PanopticAnnotation[],
  { ids }: Pictures,
  { known }: Categories,
): Parsed['annotations'] {
  const taken = new Map<PictureId, string>();
  const found = annotations.flatMap(({ fileName, picture, segments, entry }) => {
    const where = `${file}: annotations[${entry}]`;
    const id = ids.has(picture) ? picture : samePictureId(picture, ids);
    const position = id === undefined ? undefined : ids.get(id);
    if (id === undefined || position === undefined) {
      mistakes.keep(wrongEntry(`${where}.image_id`, `the id of a picture in "images" (${ids.size})`, shown(picture)));
      return [];
    }
    if (id !== picture) notes?.add({ ...SAME_ID_NOTE, where: file }, `annotations[${entry}].image_id`);
    const other = taken.get(id);
    if (other !== undefined) mistakes.keep(wrongEntry(where, `one annotation a picture (${other} is of the same)`, id));
    taken.set(id, where);
    segments.forEach(({ category }, i) => {
      if (known.has(category)) return;
      const place = `${where}.segments_info[${i}].category_id`;
      mistakes.keep(wrongEntry(place, `the id of a category in "categories" (${known.size})`, category));
    });
    return [{ fileName, segments, image: { id, entry: position } }];
  });
  mistakes.check();
  const bare = [...ids.keys()].filter((id) => !taken.has(id));
  for (const id of bare) notes?.add({ kind: 'bare-picture', where: file, message: BARE }, `image ${shown(id)}`);
  return found;
}

const BARE = 'Pictures are listed that have no annotation: they are left out';

/** From categories to positions in `classes`. */
function classIndices(
  file: string,
  { names, ids }: Categories,
  classes: readonly string[],
  asked: readonly string[] | undefined,
  notes: Notes | undefined,
): ReadonlyMap<number, number> {
  const wanted = classes.map((name) => name.trim());
  const twin = names.findIndex((name, i) => names.findIndex((other) => other.trim() === name.trim()) < i);
  if (twin >= 0) throw wrongEntry(`${file}: categories[${twin}].name`, 'each name once', names[twin]);
  const indices = names.map((name) => wanted.indexOf(name.trim()));
  if (asked !== undefined && names.length > 0 && indices.every((index) => index < 0)) {
    const expected = `categories of the classes ${handful(wanted)}`;
    throw new LowformerError({ code: 'invalid-argument', where: file, expected, received: handful(names) });
  }
  names.forEach((name, i) => {
    if ((indices[i] ?? -1) >= 0) return;
    notes?.add({ kind: 'foreign-class', where: file, message: FOREIGN }, `'${harmless(name)}'`);
  });
  return new Map(ids.flatMap((id, i) => ((indices[i] ?? -1) < 0 ? [] : [[id, indices[i] ?? 0] as const])));
}

const FOREIGN = 'Categories that are not asked for are ignored';

async function pngsIn(folder: string): Promise<readonly string[]> {
  if ((await pathKind(folder)) === 'folder') return listFiles(folder, ['.png']);
  const expected = 'the folder of the PNGs, called as the JSON without its ending';
  throw new LowformerError({ code: 'unreadable-file', where: folder, expected, hint: 'There is no such folder.' });
}

/** Those whose pictures a list names. */
async function chosenOf(
  annotations: Parsed['annotations'],
  { names }: Pictures,
  list: string | undefined,
  file: string,
): Promise<Parsed['annotations']> {
  if (list === undefined) return annotations;
  const known = annotations.map(({ image }) => {
    const name = (names[image.entry] ?? '').replaceAll('\\', '/');
    return [String(image.id), name, stem(name), stem(name.slice(name.lastIndexOf('/') + 1))];
  });
  const positions = new Set(choosePictures(await readPictureList(list), known, list, file));
  return annotations.filter((_, i) => positions.has(i));
}
