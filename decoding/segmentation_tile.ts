/**
 * The label map in one rectangle: the scores of some classes, resized, row by row, and the best of each pixel.
 * In every row made the classes of one position lie side by side: what a position asks for is looked up once for all.
 */
import type { Span } from '../core/frame.js';
import type { Candidates, Region } from './segmentation_bounds.js';
import type { PaddedScores } from './segmentation_scores.js';
import { type Axes, sourceSpan } from './segmentation_taps.js';

/** The last of the two resizes: from the size that the network saw, cropped, to the original picture. */
export interface LastResize {
  readonly toOriginal: Axes;
  /**
   * The second resize changes no score: the picture has the size that the network saw, and no score is infinite, which times a
   * share of 0 would be NaN.
   */
  readonly keepsSize: boolean;
}

/** Room for single rows [positions, classes], used again for every rectangle. */
export interface RegionRows {
  /** Of the padded size: the last two rows made. */
  readonly above: Float32Array;
  readonly below: Float32Array;
  /** Of the padded size, between two of its rows. */
  readonly blended: Float32Array;
}

/** @param side of the largest rectangle. */
export function regionRows(classes: number, { toOriginal }: LastResize, side: number): RegionRows {
  const length = classes * longestSource(toOriginal.x, side);
  return { above: new Float32Array(length), below: new Float32Array(length), blended: new Float32Array(length) };
}

/** The most positions that as many neighbours are made of. */
function longestSource(taps: Axes['x'], side: number): number {
  let most = 0;
  for (let start = 0; start < taps.first.length; start += side) {
    const span: Span = sourceSpan(taps, { start, end: Math.min(start + side, taps.first.length) });
    most = Math.max(most, span.end - span.start);
  }
  return most;
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
  scores: PaddedScores,
  candidates: Candidates,
  resizes: LastResize,
  tile: Region,
  contest: Contest,
  rows: RegionRows,
  map: LabelMap,
): void {
  if (resizes.keepsSize) labelResized(scores, candidates, resizes, tile, contest, rows, map);
  else labelResizedTwice(scores, candidates, resizes, tile, contest, rows, map);
}

function labelResized(
  scores: PaddedScores,
  candidates: Candidates,
  { toOriginal }: LastResize,
  { x: { start: left, end: right }, y }: Region,
  { start, labelOffset }: Contest,
  { above }: RegionRows,
  { labels, width }: LabelMap,
): void {
  const { classes, count } = candidates;
  const span = { start: left, end: right };
  for (let row = y.start; row < y.end; row++) {
    scores.row(candidates, toOriginal.y.first[row] ?? 0, span, above);
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
  scores: PaddedScores,
  candidates: Candidates,
  { toOriginal }: LastResize,
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
      if (first !== aboveRow) scores.row(candidates, first, middle, above);
      aboveRow = first;
    }
    if (second !== belowRow) {
      scores.row(candidates, second, middle, below);
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
