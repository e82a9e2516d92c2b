/**
 * Which classes can win somewhere in a rectangle of the label map, without making its scores. Bilinear interpolation is
 * a convex combination: between the smallest and the largest of the low-resolution scores it is made of. A class whose
 * largest lies below another's smallest wins nowhere.
 */
import type { Span } from '../core/frame.js';

/** Low-resolution scores [classes, h, w] of one picture. */
export interface ClassScores {
  readonly data: Float32Array;
  readonly classes: number;
  readonly h: number;
  readonly w: number;
}

/** The extremes of each class in squares of the low-resolution map: [rows, columns, classes]. */
export interface BlockExtremes {
  readonly smallest: Float32Array;
  readonly largest: Float32Array;
  readonly columns: number;
}

/** A rectangle of positions. */
export interface Region {
  readonly x: Span;
  readonly y: Span;
}

/** Classes that may win, in ascending order: the first `count` of `classes`. */
export interface Candidates {
  readonly classes: Int32Array;
  count: number;
  /** Some class scores at least this much wherever one looks. */
  floor: number;
}

/** Side of a block. */
const BLOCK = 4;

/**
 * Two resizes are three roundings to float32 and four pairs of shares that miss the sum of 1 by 2^-25: 3.1e-7 of a
 * score at most. The absolute part is for scores so small that they round as multiples of 2^-149.
 */
const RELATIVE_GUARD = 1e-6;
const ABSOLUTE_GUARD = 1e-40;

/** Not above what a resize of scores of at least this much gives. */
export function guardedBelow(score: number): number {
  return score - Math.abs(score) * RELATIVE_GUARD - ABSOLUTE_GUARD;
}

/** Not below what a resize of scores of at most this much gives. */
export function guardedAbove(score: number): number {
  return score + Math.abs(score) * RELATIVE_GUARD + ABSOLUTE_GUARD;
}

/** Beyond it a blend may become infinite, and an infinite score with a share of 0 is NaN: no bound for other classes. */
const SOUND = 1e38;

/** Room for the extremes of blocks, to be filled class by class with `addExtremes`. An eighth of the scores' size. */
export function blockExtremes({ classes, h, w }: ClassScores): BlockExtremes {
  const columns = Math.ceil(w / BLOCK);
  const length = Math.ceil(h / BLOCK) * columns * classes;
  return { smallest: new Float32Array(length), largest: new Float32Array(length), columns };
}

/** One class's extremes; both are NaN where one of the scores is. */
export function addExtremes({ data, classes, h, w }: ClassScores, label: number, into: BlockExtremes): void {
  const plane = label * h * w;
  let block = label;
  for (let y = 0; y < h; y += BLOCK) {
    const [start, end] = [plane + y * w, plane + Math.min(y + BLOCK, h) * w];
    for (let x = 0; x < w; x += BLOCK, block += classes) {
      const length = Math.min(BLOCK, w - x);
      let low = data[start + x] ?? 0;
      let high = low;
      for (let row = start + x; row < end; row += w) {
        for (let at = row; at < row + length; at++) {
          const score = data[at] ?? 0;
          low = Math.min(low, score);
          high = Math.max(high, score);
        }
      }
      into.smallest[block] = low;
      into.largest[block] = high;
    }
  }
}

/**
 * A map's rows from the block of `row` on, and their bounds: copies, so that the map can go.
 * @returns the first of them, too; undefined where that would be all.
 */
export function lowerRows({ data, classes, h, w }: ClassScores, blocks: BlockExtremes, row: number) {
  const block = Math.floor(row / BLOCK);
  if (block === 0) return undefined;
  const start = block * BLOCK;
  const length = (h - start) * w;
  const lower = new Float32Array(classes * length);
  for (let c = 0; c < classes; c++) lower.set(data.subarray((c * h + start) * w, (c + 1) * h * w), c * length);
  const first = block * blocks.columns * classes;
  return {
    start,
    scores: { data: lower, classes, h: h - start, w } satisfies ClassScores,
    blocks: {
      smallest: blocks.smallest.slice(first),
      largest: blocks.largest.slice(first),
      columns: blocks.columns,
    } satisfies BlockExtremes,
  };
}

/** Whether no score is infinite (or NaN). */
export function allFinite({ smallest, largest }: BlockExtremes): boolean {
  return (
    smallest.every((score) => score > Number.NEGATIVE_INFINITY) &&
    largest.every((score) => score < Number.POSITIVE_INFINITY)
  );
}

/** A rectangle's extremes, class by class: of use again and again. */
export interface RegionExtremes {
  readonly smallest: Float64Array;
  readonly largest: Float64Array;
}

/** The extremes of all classes in the blocks that touch a region. */
export function extremesOfBlocks(blocks: BlockExtremes, region: Region, into: RegionExtremes): void {
  const { smallest, largest } = into;
  const classes = smallest.length;
  smallest.fill(Number.POSITIVE_INFINITY);
  largest.fill(Number.NEGATIVE_INFINITY);
  const [x0, x1] = [Math.floor(region.x.start / BLOCK), Math.ceil(region.x.end / BLOCK)];
  const [y0, y1] = [Math.floor(region.y.start / BLOCK), Math.ceil(region.y.end / BLOCK)];
  for (let y = y0; y < y1; y++) {
    for (let x = x0, at = (y * blocks.columns + x0) * classes; x < x1; x++) {
      for (let c = 0; c < classes; c++, at++) {
        smallest[c] = Math.min(smallest[c] ?? 0, blocks.smallest[at] ?? 0);
        largest[c] = Math.max(largest[c] ?? 0, blocks.largest[at] ?? 0);
      }
    }
  }
}

/** The extremes of the candidates in a region itself. */
export function extremesOfScores(
  { data, h, w }: ClassScores,
  { x, y }: Region,
  { classes, count }: Candidates,
  into: RegionExtremes,
): void {
  const { smallest, largest } = into;
  const [x0, x1, y0, y1] = [x.start, x.end, y.start, y.end];
  for (let i = 0; i < count; i++) {
    const label = classes[i] ?? 0;
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let row = y0, start = (label * h + y0) * w; row < y1; row++, start += w) {
      for (let at = start + x0; at < start + x1; at++) {
        const score = data[at] ?? 0;
        low = Math.min(low, score);
        high = Math.max(high, score);
      }
    }
    smallest[label] = low;
    largest[label] = high;
  }
}

/**
 * Those of `from` that may win: a class stays unless its largest score lies below the floor, the largest of what any
 * class has at least. A class with NaN bounds nothing and stays.
 * @param into may be `from` itself.
 */
export function selectCandidates({ smallest, largest }: RegionExtremes, from: Candidates, into: Candidates): void {
  const { classes, count } = from;
  let floor = from.floor;
  for (let i = 0; i < count; i++) {
    const label = classes[i] ?? 0;
    const low = smallest[label] ?? 0;
    const bound = guardedBelow(low);
    if (bound > floor && low > -SOUND && (largest[label] ?? 0) < SOUND) floor = bound;
  }
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const label = classes[i] ?? 0;
    const high = largest[label] ?? 0;
    if (!(guardedAbove(high) < floor)) into.classes[kept++] = label;
  }
  into.count = kept;
  into.floor = floor;
}
