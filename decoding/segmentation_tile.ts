/**
 * The label map in one rectangle: the scores of some classes, resized twice, row by row, and the best of each pixel.
 * In every row made the classes of one position lie side by side: what a position asks for is looked up once for all.
 */
import type { Candidates, ClassScores, Region } from './segmentation_bounds.js';
import { sourceSpan, type Taps } from './segmentation_taps.js';

/** The two resizes: to the size the network saw, cropped, and from there to the original picture. */
export interface Resizes {
  readonly toPadded: Axes;
  readonly toOriginal: Axes;
  /**
   * The second resize changes no score: the picture has the size that the network saw, and no score is infinite, which times a
   * share of 0 would be NaN.
   */
  readonly keepsSize: boolean;
}

interface Axes {
  readonly x: Taps;
  readonly y: Taps;
}

/** Room for single rows [positions, classes], used again for every rectangle. */
export interface RegionRows {
  /** Of the low-resolution map, between two of its rows. */
  readonly low: Float32Array;
  /** Of the padded size: the last two rows made. */
  readonly above: Float32Array;
  readonly below: Float32Array;
  /** Of the padded size, between two of its rows. */
  readonly blended: Float32Array;
}

/** @param side of the largest rectangle. */
export function regionRows(classes: number, { toPadded, toOriginal }: Resizes, side: number): RegionRows {
  let [low, middle] = [0, 0];
  const width = toOriginal.x.first.length;
  for (let start = 0; start < width; start += side) {
    const span = sourceSpan(toOriginal.x, { start, end: Math.min(start + side, width) });
    const lowSpan = sourceSpan(toPadded.x, span);
    middle = Math.max(middle, span.end - span.start);
    low = Math.max(low, lowSpan.end - lowSpan.start);
  }
  const row = () => new Float32Array(middle * classes);
  return { low: new Float32Array(low * classes), above: row(), below: row(), blended: row() };
}

/** The label map that is made: row-major, zeros at first. */
export interface LabelMap {
  readonly labels: Uint8Array | Uint16Array;
  readonly width: number;
}

export interface Contest {
  /** What a class has to beat where no other is: with a single one, the threshold before sigmoid. */
  readonly start: number;
  /** Added to a class's index: 1 with a single one, where 0 is what stays below the threshold. */
  readonly labelOffset: number;
}

/**
 * Writes the labels of a rectangle: of each pixel the first candidate with the largest score, where it is over `start`.
 * What torch holds in an intermediate picture is rounded to float32; a last score is held, unrounded, against the
 * rounded best so far.
 */
export function labelRegion(
  scores: ClassScores,
  candidates: Candidates,
  resizes: Resizes,
  tile: Region,
  contest: Contest,
  rows: RegionRows,
  map: LabelMap,
): void {
  if (resizes.keepsSize) labelResized(scores, candidates, resizes, tile, contest, rows, map);
  else labelResizedTwice(scores, candidates, resizes, tile, contest, rows, map);
}

function labelResized(
  scores: ClassScores,
  candidates: Candidates,
  { toPadded, toOriginal }: Resizes,
  { x: { start: left, end: right }, y }: Region,
  { start, labelOffset }: Contest,
  { low, above }: RegionRows,
  { labels, width }: LabelMap,
): void {
  const { classes, count } = candidates;
  const span = { start: left, end: right };
  for (let row = y.start; row < y.end; row++) {
    paddedRow(scores, candidates, toPadded, toOriginal.y.first[row] ?? 0, span, low, above);
    for (let at = row * width + left, from = 0; from < (right - left) * count; at++, from += count) {
      let best = start;
      let winner = -1;
      for (let i = from; i < from + count; i++) {
        const score = above[i] ?? 0;
        if (score > best) {
          best = score;
          winner = i;
        }
      }
      if (winner >= 0) labels[at] = (classes[winner - from] ?? 0) + labelOffset;
    }
  }
}

function labelResizedTwice(
  scores: ClassScores,
  candidates: Candidates,
  { toPadded, toOriginal }: Resizes,
  tile: Region,
  { start, labelOffset }: Contest,
  rows: RegionRows,
  { labels, width }: LabelMap,
): void {
  const { classes, count } = candidates;
  const { blended } = rows;
  const { first: left, second: right, firstShare: leftShare, secondShare: rightShare } = toOriginal.x;
  const { first: upper, second: lower, firstShare: upperShare, secondShare: lowerShare } = toOriginal.y;
  const middle = sourceSpan(toOriginal.x, tile.x);
  let { above, below } = rows;
  let [aboveRow, belowRow] = [-1, -1];
  for (let y = tile.y.start; y < tile.y.end; y++) {
    const [first, second] = [upper[y] ?? 0, lower[y] ?? 0];
    if (first !== aboveRow) {
      // Going down, the row below is soon the row above.
      [above, below, aboveRow, belowRow] = [below, above, belowRow, aboveRow];
      if (first !== aboveRow) paddedRow(scores, candidates, toPadded, first, middle, rows.low, above);
      aboveRow = first;
    }
    if (second !== belowRow) {
      paddedRow(scores, candidates, toPadded, second, middle, rows.low, below);
      belowRow = second;
    }
    const [aboveShare, belowShare] = [upperShare[y] ?? 0, lowerShare[y] ?? 0];
    for (let i = 0; i < (middle.end - middle.start) * count; i++) {
      blended[i] = (above[i] ?? 0) * aboveShare + (below[i] ?? 0) * belowShare;
    }
    for (let x = tile.x.start, at = y * width + x; x < tile.x.end; x++, at++) {
      const share = leftShare[x] ?? 0;
      const otherShare = rightShare[x] ?? 0;
      let best = start;
      let winner = -1;
      const from = ((left[x] ?? 0) - middle.start) * count;
      const step = ((right[x] ?? 0) - middle.start) * count - from;
      for (let i = from; i < from + count; i++) {
        const score = (blended[i] ?? 0) * share + (blended[i + step] ?? 0) * otherShare;
        if (score > best) {
          best = Math.fround(score);
          winner = i;
        }
      }
      if (winner >= 0) labels[at] = (classes[winner - from] ?? 0) + labelOffset;
    }
  }
}

/** The candidates' scores in a part of one row of the padded size: [positions, candidates]. */
function paddedRow(
  { data, h, w }: ClassScores,
  { classes, count }: Candidates,
  { x, y }: Axes,
  row: number,
  { start, end }: { readonly start: number; readonly end: number },
  line: Float32Array,
  into: Float32Array,
): void {
  const low = sourceSpan(x, { start, end });
  const length = low.end - low.start;
  const upper = (y.first[row] ?? 0) * w + low.start;
  const step = (y.second[row] ?? 0) * w + low.start - upper;
  const upperShare = y.firstShare[row] ?? 0;
  const lowerShare = y.secondShare[row] ?? 0;
  for (let k = 0; k < count; k++) {
    const from = (classes[k] ?? 0) * h * w + upper;
    for (let i = from, at = k; i < from + length; i++, at += count) {
      line[at] = (data[i] ?? 0) * upperShare + (data[i + step] ?? 0) * lowerShare;
    }
  }
  for (let i = start, at = 0; i < end; i++) {
    const share = x.firstShare[i] ?? 0;
    const otherShare = x.secondShare[i] ?? 0;
    const from = ((x.first[i] ?? 0) - low.start) * count;
    const between = ((x.second[i] ?? 0) - low.start) * count - from;
    for (let j = from; j < from + count; j++, at++) {
      into[at] = (line[j] ?? 0) * share + (line[j + between] ?? 0) * otherShare;
    }
  }
}
