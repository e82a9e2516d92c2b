/** The three lists of a COCO annotation file, read entry by entry. Every mistake names file, entry and value. */
import { type CategoryId, categoryId } from '../core/brands.js';
import type { Size } from '../core/frame.js';
import type { Mistakes } from '../core/mistakes.js';
import type { Notes } from '../core/notes.js';
import type { Shape } from '../geometry/shape.js';
import { readOutline } from './coco_outline.js';
import type { PictureId } from './dataset.js';
import { foreign } from './foreign_formats.js';
import {
  entryPlace,
  missingKey,
  type Place,
  readBox,
  readEntries,
  readFlag,
  readId,
  readInteger,
  readNumber,
  readText,
  readWhole,
  wrongEntry,
} from './json_entry.js';
import type { JsonReader } from './json_reader.js';
import { hasSizes, isFiniteFrom, isInt32, numberRecord } from './json_record.js';
import type { ObjectTable } from './object_table.js';

/** What a file is read with. */
export interface Reading {
  readonly file: string;
  readonly notes: Notes | undefined;
  readonly mistakes: Mistakes;
  /** See `CocoOptions`. */
  readonly outlines?: 'kept' | undefined;
}

/** The pictures that a file lists. */
export interface Pictures {
  /** Id to position. */
  readonly ids: Map<PictureId, number>;
  readonly names: (string | undefined)[];
  readonly sizes: (Size | undefined)[];
}

/** Its categories, in its order. */
export interface Categories {
  readonly names: string[];
  readonly ids: CategoryId[];
  readonly known: Map<number, number>;
  /** `isthing` of each, where somebody asks for it: it has to be there. */
  readonly things?: boolean[];
}

/** Annotations may stand before the pictures: the table counts image ids in the order of their first appearance. */
export interface Marks {
  readonly table: ObjectTable;
  readonly images: Map<PictureId, Mention>;
  readonly categories: Map<number, Mention>;
}
interface Mention {
  readonly index: number;
  /** The first that mentions it. */
  readonly entry: number;
  count: number;
}

/** The list `images`. Mistakes are kept, here as in all functions. */
export function readImages(
  json: JsonReader,
  { file, notes, mistakes }: Reading,
  { ids, names, sizes }: Pictures,
): void {
  let entry = 0;
  let id: PictureId | undefined;
  let name: string | undefined;
  let width: number | undefined;
  let height: number | undefined;
  const place = entryPlace(file, 'images', () => entry, notes);
  readEntries(json, place, mistakes, {
    begin(index) {
      entry = index;
      id = name = width = height = undefined;
    },
    member(key) {
      if (key === 'id') id = readId(json, place, key);
      else if (key === 'file_name') name = readText(json, place, key);
      else if (key === 'width') width = readExtent(json, place, key);
      else if (key === 'height') height = readExtent(json, place, key);
      else json.skip();
    },
    end() {
      if (id === undefined) throw missingKey(place('id'), 'a whole number');
      once(ids, id, entry, place);
      names.push(name);
      const known =
        width !== undefined && height !== undefined && width > 0 && height > 0 ? { width, height } : undefined;
      // Only half of a size, or a size of nothing, is what exporters write that did not look at the pictures.
      if (known === undefined && !(width === undefined && height === undefined)) place.note('missing-size');
      sizes.push(known);
    },
  });
}

/** The list `categories`. */
export function readCategories(
  json: JsonReader,
  { file, notes, mistakes }: Reading,
  { names, ids, known, things }: Categories,
): void {
  let entry = 0;
  let id: number | undefined;
  let name: string | undefined;
  let thing: boolean | undefined;
  const place = entryPlace(file, 'categories', () => entry, notes);
  readEntries(json, place, mistakes, {
    begin(index) {
      entry = index;
      id = name = thing = undefined;
    },
    member(key) {
      if (key === 'id') id = readCategoryId(json, place, key);
      else if (key === 'name') name = readText(json, place, key);
      else if (key === 'isthing' && things !== undefined) thing = readFlag(json, place, key);
      else json.skip();
    },
    end() {
      if (id === undefined) throw missingKey(place('id'), 'a whole number');
      if (name === undefined) throw missingKey(place('name'), 'a text');
      if (things !== undefined && thing === undefined) throw missingKey(place('isthing'), '0 or 1');
      once(known, id, entry, place);
      ids.push(categoryId(id));
      names.push(name);
      if (thing !== undefined) things?.push(thing);
    },
  });
}

/** The list `annotations`; whether its pictures and categories exist shows when the whole file is read. */
export function readAnnotations(
  json: JsonReader,
  { file, notes, mistakes, outlines }: Reading,
  marks: Marks,
  missingArea: 'error' | 'box',
): void {
  const { table, images, categories } = marks;
  const known = new Map<number | bigint, number>();
  const box = new Float64Array(4);
  let entry = 0;
  let id: number | bigint | undefined;
  let image: PictureId | undefined;
  let category: number | undefined;
  let area: number | undefined;
  let boxed = false;
  let crowd = false;
  let difficult = false;
  let outline: (() => Shape | undefined) | undefined;
  const record = numberRecord(
    {
      ...{ id: 'number', image_id: 'number', category_id: 'number', iscrowd: 'optional', area: 'number', bbox: 4 },
      // What is to be kept or noted is read key by key.
      ...(outlines === undefined ? { segmentation: 'passed' as const } : {}),
    },
    (values) =>
      Number.isSafeInteger(values[0]) &&
      Number.isSafeInteger(values[1]) &&
      isInt32(values[2]) &&
      (values[3] === 0 || values[3] === 1) &&
      (values[4] ?? -1) >= 0 &&
      isFiniteFrom(values, 4, 9) &&
      hasSizes(values, 7, 0),
  );
  const place = entryPlace(file, 'annotations', () => entry, notes);
  readEntries(json, place, mistakes, {
    begin(index) {
      entry = index;
      id = image = category = area = outline = undefined;
      boxed = crowd = difficult = false;
    },
    members() {
      if (!json.record(record)) return false;
      const { values } = record;
      id = values[0];
      image = values[1];
      category = values[2];
      crowd = values[3] === 1;
      area = values[4];
      for (let i = 0; i < 4; i++) box[i] = values[5 + i] ?? 0;
      boxed = true;
      return true;
    },
    member(key) {
      if (key === 'id') id = readAnnotationId(json, place, entry);
      else if (key === 'segments_info') throw foreign(file, 'panoptic');
      else if (key === 'image_id') image = readId(json, place, key);
      else if (key === 'category_id') category = readCategoryId(json, place, key);
      else if (key === 'area') area = readNumber(json, place, key, 0);
      else if (key === 'iscrowd') crowd = readFlag(json, place, key);
      else if (key === 'difficult' || key === 'ignore') difficult = readFlag(json, place, key) || difficult;
      else if (key === 'bbox') {
        readBox(json, place, box, 0);
        boxed = true;
      } else if (outlines === undefined) json.skip();
      else if (key === 'segmentation') outline = readOutline(json, place);
      else if (holdsAnything(json.value())) place.note(UNREAD[key] ?? 'unread-key', key);
    },
    end() {
      if (id === undefined) {
        place.note('missing-annotation-id');
        id = entry + 1;
      }
      if (id === 0) place.note('annotation-id-0');
      if (image === undefined) throw missingKey(place('image_id'), 'the id of a picture in "images"');
      if (category === undefined) throw missingKey(place('category_id'), 'the id of a category in "categories"');
      if (!boxed) throw missingKey(place('bbox'), '[x, y, width, height]');
      const [x = 0, y = 0, width = 0, height = 0] = box;
      if (area === undefined && missingArea === 'error') {
        throw missingKey(place('area'), 'a finite number of 0 or more, which sizes small, medium and large go by');
      }
      once(known, id, entry, place);
      const picture = mention(images, image, entry);
      mention(categories, category, entry);
      const pixels = area ?? width * height;
      table.add({
        picture,
        id,
        categoryId: categoryId(category),
        x,
        y,
        width,
        height,
        area: pixels,
        crowd,
        difficult,
        outline,
      });
    },
  });
}

const UNREAD: Readonly<Record<string, 'unread-keypoints'>> = {
  keypoints: 'unread-keypoints',
  num_keypoints: 'unread-keypoints',
};

/** Exporters write empty lists, and a 0 for no keypoints. */
function holdsAnything(value: unknown): boolean {
  if (value === null || value === 0 || value === '') return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}

/** Undefined for null. */
function readExtent(json: JsonReader, place: Place, key: string): number | undefined {
  if (json.kind() === 'null') {
    json.skip();
    return undefined;
  }
  const extent = readInteger(json, place, key);
  if (extent < 0) throw wrongEntry(place(key), 'a whole number from 1', extent);
  return extent;
}

/** Ids of annotations tell them apart, and nothing else: a text that is no number is counted instead. */
function readAnnotationId(json: JsonReader, place: Place, entry: number): number | bigint {
  if (json.kind() !== 'string') {
    const whole = readWhole(json);
    return whole ?? readInteger(json, place, 'id');
  }
  const text = json.string();
  const whole = /^\d{1,15}$/.test(text);
  place.note(whole ? 'text-number' : 'text-annotation-id', 'id');
  return whole ? Number(text) : entry + 1;
}

/** Ids go into 32 bits, as in every tool that reads them. */
export function readCategoryId(json: JsonReader, place: Place, key: string): number {
  const id = readInteger(json, place, key);
  if (id !== (id | 0)) throw wrongEntry(place(key), 'a whole number of 32 bits', id);
  return id;
}

function once<Id>(ids: Map<Id, number>, id: Id, entry: number, place: Place): void {
  const before = ids.get(id);
  if (before !== undefined) throw wrongEntry(place('id'), 'each id once', id, `Entry ${before} has the same.`);
  ids.set(id, entry);
}

function mention<Id>(mentions: Map<Id, Mention>, id: Id, entry: number): number {
  const known = mentions.get(id);
  if (known !== undefined) {
    known.count++;
    return known.index;
  }
  const index = mentions.size;
  mentions.set(id, { index, entry, count: 1 });
  return index;
}
