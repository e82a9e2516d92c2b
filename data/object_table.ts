import { type CategoryId, categoryId } from '../core/brands.js';
import type { Shape } from '../geometry/shape.js';
import type { GroundTruthObject } from './dataset.js';

/** An object as it is put into the table. */
export interface ObjectRow extends Omit<GroundTruthObject, 'box' | 'shape'> {
  /** Counts from 0. */
  readonly picture: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Made when it is asked for. */
  readonly outline?: (() => Shape | undefined) | undefined;
}

/** Numbers a row: picture, id, category, x, y, width, height, area, flags. */
const COLUMNS = 9;
const CROWD = 1;
const DIFFICULT = 2;

/** A dataset's objects in one block of numbers, 72 bytes each: COCO's 860,000 take 62 MB, as records five times that. */
export interface ObjectTable {
  readonly length: number;
  add(row: ObjectRow): void;
  /** Ends the filling. The objects of picture 0, 1, … in the order of adding; records are made at each call. */
  byPicture(pictures: number): (picture: number) => readonly GroundTruthObject[];
}

/** An empty table. */
export function objectTable(): ObjectTable {
  let values = new Float64Array(1024 * COLUMNS);
  let length = 0;
  /** Ids that float64 does not hold, by row. */
  const exact = new Map<number, bigint>();
  const outlines = new Map<number, () => Shape | undefined>();
  return {
    get length() {
      return length;
    },
    add(row) {
      if ((length + 1) * COLUMNS > values.length) {
        const wider = new Float64Array(values.length * 2);
        wider.set(values);
        values = wider;
      }
      if (typeof row.id === 'bigint') exact.set(length, row.id);
      if (row.outline !== undefined) outlines.set(length, row.outline);
      let at = length++ * COLUMNS;
      values[at++] = row.picture;
      values[at++] = Number(row.id);
      values[at++] = row.categoryId;
      values[at++] = row.x;
      values[at++] = row.y;
      values[at++] = row.width;
      values[at++] = row.height;
      values[at++] = row.area;
      values[at] = (row.crowd ? CROWD : 0) | (row.difficult ? DIFFICULT : 0);
    },
    byPicture(pictures) {
      const table = values.slice(0, length * COLUMNS);
      const { starts, order } = sortedByPicture(table, pictures);
      return (picture) =>
        Array.from(order.subarray(starts[picture] ?? 0, starts[picture + 1] ?? 0), (row) =>
          object(table, row, exact.get(row), outlines.get(row)),
        );
    },
  };
}

/** Counting sort: `order` holds the rows picture by picture, `starts[p]` where those of picture p begin. */
function sortedByPicture(table: Float64Array, pictures: number) {
  const rows = table.length / COLUMNS;
  const starts = new Uint32Array(pictures + 1);
  for (let row = 0; row < rows; row++) {
    const next = (table[row * COLUMNS] ?? 0) + 1;
    starts[next] = (starts[next] ?? 0) + 1;
  }
  for (let p = 0; p < pictures; p++) starts[p + 1] = (starts[p + 1] ?? 0) + (starts[p] ?? 0);
  const filled = starts.slice();
  const order = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) {
    const picture = table[row * COLUMNS] ?? 0;
    const at = filled[picture] ?? 0;
    order[at] = row;
    filled[picture] = at + 1;
  }
  return { starts, order };
}

function object(
  table: Float64Array,
  row: number,
  id: bigint | undefined,
  outline: (() => Shape | undefined) | undefined,
): GroundTruthObject {
  const at = row * COLUMNS;
  const number = (column: number) => table[at + column] ?? 0;
  const flags = number(8);
  const shape = outline?.();
  return {
    id: id ?? number(1),
    categoryId: categoryId(number(2)),
    box: [number(3), number(4), number(5), number(6)],
    area: number(7),
    crowd: (flags & CROWD) !== 0,
    difficult: (flags & DIFFICULT) !== 0,
    ...(shape === undefined ? {} : { shape }),
  };
}

/** Ids for classes of formats that have none: their position, counted from 1. */
export function countedCategoryIds(classes: readonly string[]): readonly CategoryId[] {
  return classes.map((_, index) => categoryId(index + 1));
}
