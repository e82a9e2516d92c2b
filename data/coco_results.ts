/** COCO's results format (cocodataset.org/#format-results): a list of `{image_id, category_id, bbox, score}`. */
import { collectMistakes } from '../core/mistakes.js';
import type { Notes } from '../core/notes.js';
import { type ByteWindow, readThroughWindow } from './byte_window.js';
import { readCategoryId } from './coco_lists.js';
import type { PictureId, XywhBox } from './dataset.js';
import { checkIsJson, foreign } from './foreign_formats.js';
import {
  entryPlace,
  missingKey,
  readBox,
  readEntries,
  readId,
  readNumber,
  readText,
  wrongEntry,
} from './json_entry.js';
import { JsonReader } from './json_reader.js';
import { hasSizes, isFiniteFrom, isInt32, numberRecord } from './json_record.js';

/** One entry, with the file's own keys. */
export interface CocoResult {
  readonly image_id: PictureId;
  readonly category_id: number;
  readonly bbox: XywhBox;
  readonly score: number;
}

/** What entries call their category beside its id: `category_name`, which pycocotools passes over. */
export interface CategoryNames {
  readonly names: readonly string[];
  /** By entry, position among the names; -1 where it has none. */
  readonly of: Int32Array;
}

/** A results file in columns, 52 bytes an entry; entries in the file's order, which decides between equal scores. */
export interface CocoResults {
  readonly file: string;
  readonly length: number;
  /** A text or a bigint where the file has one. */
  readonly imageIds: Float64Array | readonly PictureId[];
  readonly categoryIds: Int32Array;
  /** Absent where no entry has a name. */
  readonly categoryNames?: CategoryNames;
  /** Four numbers an entry: x, y, width, height; finite, sizes of 0 or more unless negative ones are kept. */
  readonly boxes: Float64Array;
  /** Finite. */
  readonly scores: Float64Array;
}

export interface CocoResultsOptions {
  /**
   * What a box of negative width or height means: a mistake (the default), or a box that whoever scores has to judge:
   * mmdet's Pascal VOC metric takes them in, where they match nothing.
   */
  readonly negativeSizes?: 'error' | 'keep';
  /** Where oddities that are taken all the same are noted. */
  readonly notes?: Notes | undefined;
}

const RESULTS = 'a list of detections: [{"image_id", "category_id", "bbox": [x, y, width, height], "score"}, …]';

/**
 * Half a million detections in 50 MB: read in one pass, piece by piece, never as objects. Whether their pictures and categories exist
 * is for whoever has the ground truth. Other keys are passed over.
 * @throws {LowformerError} `unreadable-file` for what is missing, cut off or no JSON; `invalid-argument`, with file,
 *   entry and value, for another format, a missing value, a score or box that is not finite, a negative size.
 */
export async function readCocoResults(file: string, options: CocoResultsOptions = {}): Promise<CocoResults> {
  return readThroughWindow(file, RESULTS, (window) => parseCocoResults(window, file, options));
}

/** As `readCocoResults`, of a file's bytes. */
export function parseCocoResults(
  text: Uint8Array | ByteWindow,
  file: string,
  { negativeSizes = 'error', notes }: CocoResultsOptions = {},
): CocoResults {
  const isWhole = text instanceof Uint8Array;
  checkIsJson(isWhole ? text : text.bytes, file, RESULTS);
  const mistakes = collectMistakes();
  const leastSize = negativeSizes === 'keep' ? Number.NEGATIVE_INFINITY : 0;
  const json = new JsonReader(text, file);
  if (json.kind() !== 'array') {
    const hint = json.kind() === 'object' ? 'This looks like annotations, no detections.' : undefined;
    throw wrongEntry(file, RESULTS, json.kind() === 'object' ? 'an object' : json.value(), hint);
  }
  const names = new Map<string, number>();
  const columns = resultColumns(Math.ceil((isWhole ? text.length : text.size) / 80) + 16, names);
  const record = numberRecord(
    {
      image_id: 'number',
      category_id: 'number',
      score: 'number',
      bbox: 4,
      category_name: 'text',
      segmentation: 'passed',
    },
    (values) =>
      Number.isSafeInteger(values[0]) &&
      isInt32(values[1]) &&
      isFiniteFrom(values, 2, 7) &&
      hasSizes(values, 5, leastSize),
  );
  const box = new Float64Array(4);
  let entry = 0;
  let name: number | undefined;
  let image: PictureId | undefined;
  let category: number | undefined;
  let score: number | undefined;
  let boxed = false;
  const place = entryPlace(file, '', () => entry, notes);
  readEntries(json, place, mistakes, {
    begin(index) {
      entry = index;
      image = category = score = name = undefined;
      boxed = false;
    },
    members() {
      if (!json.record(record)) return false;
      const { values } = record;
      image = values[0];
      category = values[1];
      score = values[2];
      for (let i = 0; i < 4; i++) box[i] = values[3 + i] ?? 0;
      boxed = true;
      const from = values[7] ?? -1;
      if (from >= 0) name = position(names, json.characters(from, values[8] ?? 0).trim());
      return true;
    },
    member(key) {
      if (key === 'image_id') image = readId(json, place, key);
      else if (key === 'category_id') category = readCategoryId(json, place, key);
      else if (key === 'score') score = readNumber(json, place, key);
      else if (key === 'category_name') name = position(names, readText(json, place, key).trim());
      else if (key === 'bbox') {
        readBox(json, place, box, 0, leastSize);
        boxed = true;
      } else if (key === 'detections') throw foreign(file, 'detect');
      else json.skip();
    },
    end() {
      if (image === undefined) throw missingKey(place('image_id'), 'the id of a picture');
      if (category === undefined) throw missingKey(place('category_id'), 'the id of a category');
      if (!boxed) throw missingKey(place('bbox'), '[x, y, width, height]');
      if (score === undefined) throw missingKey(place('score'), 'a finite number');
      columns.add(image, category, box, score, name);
    },
  });
  json.end();
  mistakes.check();
  return { file, ...columns.table() };
}

/** Columns that grow: the length of a file tells no more than about how many entries it has. */
function resultColumns(expected: number, names: ReadonlyMap<string, number>) {
  let capacity = expected;
  let categoryIds = new Int32Array(capacity);
  let boxes = new Float64Array(capacity * 4);
  let scores = new Float64Array(capacity);
  let numbers = new Float64Array(capacity);
  let mixed: PictureId[] | undefined;
  const nameOf: number[] = [];
  let length = 0;

  function widenAll(): void {
    capacity *= 2;
    categoryIds = widen(categoryIds, new Int32Array(capacity));
    boxes = widen(boxes, new Float64Array(capacity * 4));
    scores = widen(scores, new Float64Array(capacity));
    numbers = widen(numbers, new Float64Array(capacity));
  }

  return {
    add(image: PictureId, category: number, box: Float64Array, score: number, name: number | undefined): void {
      if (length === capacity) widenAll();
      if (mixed === undefined && typeof image !== 'number') mixed = Array.from(numbers.subarray(0, length));
      if (mixed !== undefined) mixed.push(image);
      else if (typeof image === 'number') numbers[length] = image;
      categoryIds[length] = category;
      scores[length] = score;
      if (name !== undefined) {
        while (nameOf.length < length) nameOf.push(-1);
        nameOf.push(name);
      }
      for (let i = 0; i < 4; i++) boxes[length * 4 + i] = box[i] ?? 0;
      length++;
    },
    table: () => ({
      length,
      imageIds: mixed ?? numbers.subarray(0, length),
      categoryIds: categoryIds.subarray(0, length),
      ...(names.size === 0 ? {} : { categoryNames: { names: [...names.keys()], of: padded(nameOf, length) } }),
      boxes: boxes.subarray(0, length * 4),
      scores: scores.subarray(0, length),
    }),
  };
}

/** Entry `index`, from 0, as the file has it. */
export function cocoResult({ imageIds, categoryIds, boxes, scores }: CocoResults, index: number): CocoResult {
  const [x = 0, y = 0, width = 0, height = 0] = boxes.subarray(index * 4, index * 4 + 4);
  const image_id = imageIds[index] ?? 0;
  return { image_id, category_id: categoryIds[index] ?? 0, bbox: [x, y, width, height], score: scores[index] ?? 0 };
}

function position(names: Map<string, number>, name: string): number {
  const known = names.get(name) ?? names.size;
  names.set(name, known);
  return known;
}

function padded(nameOf: readonly number[], length: number): Int32Array {
  const all = new Int32Array(length).fill(-1);
  all.set(nameOf);
  return all;
}

function widen<Values extends Int32Array | Float64Array>(old: Values, wider: Values): Values {
  wider.set(old);
  return wider;
}
