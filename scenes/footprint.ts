import type { Size } from '../core/frame.js';
import { clamp } from './arithmetic.js';
import { type Placement, toLocal } from './placement.js';
import type { Shape } from './shape.js';

/** Where a shape lies, pixel by pixel, over a rectangle that may reach beyond the picture. */
export interface Footprint {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** To the outline in pixels, about; negative inside, and a pixel belongs to the shape where it is at most 0. */
  readonly distances: Float32Array;
}

/** Squares of so many pixels a side are looked at as a whole first. */
const SQUARE = 4;

/**
 * Makes out where a shape lies. Squares of pixels that are clearly within or without are told from the middles of their
 * neighbours; those at the outline pixel by pixel.
 * @param margin pixels around the outline to which distances are told, for the softness of shadows.
 */
export function footprintOf(shape: Shape, placement: Placement, margin: number): Footprint {
  const { x, y, size, longest } = placement;
  // Perspective brings some of it nearer, and bending moves it a little.
  const reach = Math.ceil((shape.reach * longest * 1.22 + margin + 2) / SQUARE);
  const left = Math.floor(x) - reach * SQUARE;
  const top = Math.floor(y) - reach * SQUARE;
  const side = 2 * reach;
  const middles = middlesOf(shape, placement, left, top, side);
  // Distances are not exact: what a square's middle says of its corners is trusted with so much to spare.
  const spare = SQUARE + 1 + 0.12 * size;
  const { firstRow, firstColumn, rows, columns } = boundsOf(middles, side, margin + spare);
  const width = columns * SQUARE;
  const footprint = {
    left: left + firstColumn * SQUARE,
    top: top + firstRow * SQUARE,
    width,
    height: rows * SQUARE,
    distances: new Float32Array(width * rows * SQUARE),
  };
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const square = (firstRow + row) * side + firstColumn + column;
      const middle = middles[square] ?? 0;
      if (middle > -spare && middle < spare) fillExactly(footprint, row, column, shape, placement);
      else fillBetween(footprint, row, column, middles, side, square);
    }
  }
  return footprint;
}

/** The squares whose middles are nearer than `far`. */
function boundsOf(middles: Float32Array, side: number, far: number) {
  let firstRow = side;
  let lastRow = -1;
  let firstColumn = side;
  let lastColumn = -1;
  for (let row = 0, i = 0; row < side; row++) {
    for (let column = 0; column < side; column++, i++) {
      if ((middles[i] ?? 0) >= far) continue;
      firstRow = Math.min(firstRow, row);
      lastRow = row;
      firstColumn = Math.min(firstColumn, column);
      lastColumn = Math.max(lastColumn, column);
    }
  }
  const rows = Math.max(0, lastRow - firstRow + 1);
  return { firstRow, firstColumn, rows, columns: Math.max(0, lastColumn - firstColumn + 1) };
}

function fillExactly(footprint: Footprint, row: number, column: number, shape: Shape, placement: Placement): void {
  const local = { u: 0, v: 0 };
  for (let y = row * SQUARE; y < (row + 1) * SQUARE; y++) {
    for (let x = column * SQUARE; x < (column + 1) * SQUARE; x++) {
      toLocal(placement, footprint.left + x + 0.5, footprint.top + y + 0.5, local);
      footprint.distances[y * footprint.width + x] = shape.distance(local) * placement.size;
    }
  }
}

/** Between a square's middle and those of the squares beside it, above and below; its sign is that of the middle. */
function fillBetween(
  { distances, width }: Footprint,
  row: number,
  column: number,
  middles: Float32Array,
  side: number,
  square: number,
): void {
  const middle = middles[square] ?? 0;
  const across = ((middles[square + 1] ?? middle) - (middles[square - 1] ?? middle)) / 2;
  const down = ((middles[square + side] ?? middle) - (middles[square - side] ?? middle)) / 2;
  const least = middle < 0 ? -1e9 : 1;
  const most = middle < 0 ? -1 : 1e9;
  for (let y = 0; y < SQUARE; y++) {
    const along = middle + down * ((y + 0.5) / SQUARE - 0.5);
    for (let x = 0; x < SQUARE; x++) {
      const value = along + across * ((x + 0.5) / SQUARE - 0.5);
      distances[(row * SQUARE + y) * width + column * SQUARE + x] = clamp(value, least, most);
    }
  }
}

/** The distances of the middles of `side` x `side` squares, from (left, top) on. */
function middlesOf(shape: Shape, placement: Placement, left: number, top: number, side: number): Float32Array {
  const distances = new Float32Array(side * side);
  const local = { u: 0, v: 0 };
  for (let row = 0, i = 0; row < side; row++) {
    for (let column = 0; column < side; column++, i++) {
      toLocal(placement, left + (column + 0.5) * SQUARE, top + (row + 0.5) * SQUARE, local);
      distances[i] = shape.distance(local) * placement.size;
    }
  }
  return distances;
}

/** The columns and rows of a footprint, moved by (dx, dy), that lie in the picture. */
export function withinPicture({ left, top, width, height }: Footprint, picture: Size, dx = 0, dy = 0) {
  return {
    firstRow: Math.max(0, -top - dy),
    endRow: Math.min(height, picture.height - top - dy),
    firstColumn: Math.max(0, -left - dx),
    endColumn: Math.min(width, picture.width - left - dx),
  };
}
