/**
 * A tile of the label map, quartered as long as that leaves out classes: in the end one class is left, and the tile is
 * filled, or a few, and their scores are made.
 */
import { type Candidates, type Region, selectCandidates } from './segmentation_bounds.js';
import type { PaddedScores } from './segmentation_scores.js';
import { sourceSpan } from './segmentation_taps.js';
import { type Contest, type LabelMap, type LastResize, labelRegion, regionRows } from './segmentation_tile.js';

/** Tiles of this side are not quartered: their scores are as quickly made as bounded. */
const SMALLEST = 8;

/** A tile is quartered when its quarters have less than this share of the candidates that it has, on average. */
const WORTHWHILE = 0.8;

/** @returns writes the labels of a tile, whose sides are `side` at most. */
export function tileLabeller(
  scores: PaddedScores,
  resizes: LastResize,
  contest: Contest,
  map: LabelMap,
  side: number,
): (tile: Region) => void {
  const { classes } = scores;
  const rows = regionRows(classes, resizes, side);
  const extremes = { smallest: new Float64Array(classes), largest: new Float64Array(classes) };
  const room = (): Candidates => ({ classes: new Int32Array(classes), count: 0, floor: contest.start });
  const all = { ...room(), classes: Int32Array.from({ length: classes }, (_, c) => c), count: classes };
  const whole = room();
  const quarters: (readonly Candidates[])[] = [];
  for (let half = side / 2; half >= SMALLEST; half /= 2) quarters.push([room(), room(), room(), room()]);

  const descend = (tile: Region, candidates: Candidates, depth: number): void => {
    const { count, floor } = candidates;
    if (count === 0) return;
    if (count === 1 && floor > contest.start) {
      fill(map, tile, (candidates.classes[0] ?? 0) + contest.labelOffset);
      return;
    }
    const ofQuarters = quarters[depth];
    if (count > 1 && ofQuarters !== undefined) {
      const parts = quartered(tile, side / 2 ** (depth + 1));
      let left = 0;
      for (const [part, into] of pairs(parts, ofQuarters)) {
        scores.extremes(sourceRegion(resizes, part), candidates, extremes);
        selectCandidates(extremes, candidates, into);
        left += into.count;
      }
      if (left < WORTHWHILE * parts.length * count) {
        for (const [part, own] of pairs(parts, ofQuarters)) descend(part, own, depth + 1);
        return;
      }
    }
    labelRegion(scores, candidates, resizes, tile, contest, rows, map);
  };

  return (tile) => {
    scores.roughExtremes(sourceRegion(resizes, tile), extremes);
    selectCandidates(extremes, all, whole);
    descend(tile, whole, 0);
  };
}

/** The positions of the size that the network saw that a part of the label map is made of. */
function sourceRegion({ toOriginal }: LastResize, { x, y }: Region): Region {
  return { x: sourceSpan(toOriginal.x, x), y: sourceSpan(toOriginal.y, y) };
}

/** Four parts, fewer at the picture's edge. */
function quartered({ x, y }: Region, half: number): readonly Region[] {
  const parts: Region[] = [];
  for (let top = y.start; top < y.end; top += half) {
    for (let left = x.start; left < x.end; left += half) {
      parts.push({
        x: { start: left, end: Math.min(left + half, x.end) },
        y: { start: top, end: Math.min(top + half, y.end) },
      });
    }
  }
  return parts;
}

function pairs<A, B>(a: readonly A[], b: readonly B[]): (readonly [A, B])[] {
  return a.flatMap((first, i) => {
    const second = b[i];
    return second === undefined ? [] : [[first, second] as const];
  });
}

function fill({ labels, width }: LabelMap, { x, y }: Region, label: number): void {
  for (let row = y.start; row < y.end; row++) labels.fill(label, row * width + x.start, row * width + x.end);
}
