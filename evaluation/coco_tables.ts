/** Objects and detections of many pictures in columns, one row each: half a million records would take four times that. */
import { AREA_RANGES } from './coco_parameters.js';
import type { CocoBbox, CocoObject, CocoScoredBox } from './coco_records.js';

interface Columns {
  readonly length: number;
  /** Place of the picture among all, by ascending id, from 0. */
  readonly pictures: Uint32Array;
  /** Place of the category among all, by ascending id, from 0. */
  readonly categories: Uint32Array;
  /** Four numbers a row: x, y, width, height; finite, sizes of 0 or more. */
  readonly boxes: Float64Array;
}

/** Rows of one picture in the order of the annotations. */
export interface CocoObjectTable extends Columns {
  readonly areas: Float64Array;
  /** Bits: `CROWD`, `ID_ZERO`. */
  readonly marks: Uint8Array;
}

/** Rows of one picture in the order of the results file, which decides between equal scores. */
export interface CocoDetectionTable extends Columns {
  /** Finite. */
  readonly scores: Float64Array;
}

/** The box holds a group. */
const CROWD = 1;
/** pycocotools takes a match with this object for none. */
export const ID_ZERO = 2;
/** All of them. */
export const MOST_MARKS = CROWD | ID_ZERO;

export function marksOf({ id, iscrowd }: CocoObject): number {
  return (iscrowd ? CROWD : 0) | (id === 0 ? ID_ZERO : 0);
}

/** An object that has these marks. */
export function markedObject(marks: number): Pick<CocoObject, 'id' | 'iscrowd'> {
  return { id: (marks & ID_ZERO) === 0 ? 1 : 0, iscrowd: isCrowd(marks) };
}

export function isCrowd(marks: number): boolean {
  return (marks & CROWD) !== 0;
}

const FROM = Float64Array.from(AREA_RANGES, ({ from }) => from);
const TO = Float64Array.from(AREA_RANGES, ({ to }) => to);

/** Bit `range`: something of that many pixels lies in that range of sizes. */
export function rangesOf(area: number): number {
  let ranges = 0;
  for (let range = 0; range < FROM.length; range++) {
    if (area >= (FROM[range] ?? 0) && area <= (TO[range] ?? 0)) ranges |= 1 << range;
  }
  return ranges;
}

/** Likewise, the ranges in which an object counts: a crowd in none. */
export function countingRanges(area: number, marks: number): number {
  return isCrowd(marks) ? 0 : rangesOf(area);
}

/** A table that grows; what it gives are views that the next row may leave behind. */
export interface GrowingTable<Row, Table> {
  add(picture: number, category: number, row: Row): void;
  table(): Table;
}

export function growingObjects(): GrowingTable<CocoObject, CocoObjectTable> {
  const columns = growingColumns();
  let areas = new Float64Array(0);
  let marks = new Uint8Array(0);
  return {
    add(picture, category, object) {
      const row = columns.add(picture, category, object.bbox);
      if (row >= areas.length) {
        areas = wider(areas, new Float64Array(columns.capacity()));
        marks = wider(marks, new Uint8Array(columns.capacity()));
      }
      areas[row] = object.area;
      marks[row] = marksOf(object);
    },
    table: () => ({ ...columns.table(), areas, marks }),
  };
}

export function growingDetections(): GrowingTable<CocoScoredBox, CocoDetectionTable> {
  const columns = growingColumns();
  let scores = new Float64Array(0);
  return {
    add(picture, category, { bbox, score }) {
      const row = columns.add(picture, category, bbox);
      if (row >= scores.length) scores = wider(scores, new Float64Array(columns.capacity()));
      scores[row] = score;
    },
    table: () => ({ ...columns.table(), scores }),
  };
}

/** One table of several, row behind row. */
export function joinDetections(tables: readonly CocoDetectionTable[]): CocoDetectionTable {
  const length = tables.reduce((sum, table) => sum + table.length, 0);
  const pictures = new Uint32Array(length);
  const categories = new Uint32Array(length);
  const boxes = new Float64Array(length * 4);
  const scores = new Float64Array(length);
  let row = 0;
  for (const table of tables) {
    pictures.set(table.pictures.subarray(0, table.length), row);
    categories.set(table.categories.subarray(0, table.length), row);
    boxes.set(table.boxes.subarray(0, table.length * 4), row * 4);
    scores.set(table.scores.subarray(0, table.length), row);
    row += table.length;
  }
  return { length, pictures, categories, boxes, scores };
}

function growingColumns() {
  let length = 0;
  let capacity = 0;
  let pictures = new Uint32Array(0);
  let categories = new Uint32Array(0);
  let boxes = new Float64Array(0);
  return {
    capacity: () => capacity,
    /** The number of the row. */
    add(picture: number, category: number, [x, y, width, height]: CocoBbox): number {
      if (length === capacity) {
        capacity = Math.max(64, Math.ceil(capacity * 1.5));
        pictures = wider(pictures, new Uint32Array(capacity));
        categories = wider(categories, new Uint32Array(capacity));
        boxes = wider(boxes, new Float64Array(capacity * 4));
      }
      pictures[length] = picture;
      categories[length] = category;
      boxes[length * 4] = x;
      boxes[length * 4 + 1] = y;
      boxes[length * 4 + 2] = width;
      boxes[length * 4 + 3] = height;
      return length++;
    },
    table: (): Columns => ({ length, pictures, categories, boxes }),
  };
}

function wider<T extends Float64Array | Uint32Array | Uint8Array>(filled: T, larger: T): T {
  larger.set(filled);
  return larger;
}
