/** Class scores at the size that the network saw, of which only what is asked for is made. */
import type { Span } from '../core/frame.js';
import {
  type BlockExtremes,
  type Candidates,
  type ClassScores,
  extremesOfBlocks,
  extremesOfScores,
  type Region,
  type RegionExtremes,
} from './segmentation_bounds.js';
import { type Axes, sourceSpan } from './segmentation_taps.js';

/** Positions are those of the picture in it: what was added at its sides is left out. */
export interface PaddedScores {
  readonly classes: number;
  /** Bounds of every class in a region, quickly. */
  roughExtremes(region: Region, into: RegionExtremes): void;
  /** Tighter ones of the candidates. */
  extremes(region: Region, candidates: Candidates, into: RegionExtremes): void;
  /** The candidates' scores in a part of a row: [positions, candidates], in float32. */
  row(candidates: Candidates, row: number, part: Span, into: Float32Array): void;
}

/** Scores that are a map of low resolution, resized. @param toPadded cropped to the picture. */
export function resizedScores(scores: ClassScores, blocks: BlockExtremes, toPadded: Axes): PaddedScores {
  const source = ({ x, y }: Region): Region => ({ x: sourceSpan(toPadded.x, x), y: sourceSpan(toPadded.y, y) });
  const line = rowRoom();
  return {
    classes: scores.classes,
    roughExtremes: (region, into) => extremesOfBlocks(blocks, source(region), into),
    extremes: (region, candidates, into) => extremesOfScores(scores, source(region), candidates, into),
    row(candidates, row, part, into) {
      const { x } = toPadded;
      const { count } = candidates;
      const low = sourceSpan(x, part);
      const between = line(count * (low.end - low.start));
      blendRows(scores, candidates, toPadded.y, { row, low }, between);
      for (let i = part.start, at = 0; i < part.end; i++) {
        const share = x.firstShare[i] ?? 0;
        const otherShare = x.secondShare[i] ?? 0;
        const from = ((x.first[i] ?? 0) - low.start) * count;
        const step = ((x.second[i] ?? 0) - low.start) * count - from;
        for (let j = from; j < from + count; j++, at++) {
          into[at] = (between[j] ?? 0) * share + (between[j + step] ?? 0) * otherShare;
        }
      }
    },
  };
}

/** Scores that have the padded size already. @param left columns before the picture; rows are the map's own. */
export function largeScores(scores: ClassScores, blocks: BlockExtremes, left: number): PaddedScores {
  const { data, classes, h, w } = scores;
  const source = ({ x, y }: Region): Region => ({ x: { start: x.start + left, end: x.end + left }, y });
  return {
    classes,
    roughExtremes: (region, into) => extremesOfBlocks(blocks, source(region), into),
    extremes: (region, candidates, into) => extremesOfScores(scores, source(region), candidates, into),
    row({ classes: some, count }, row, { start, end }, into) {
      for (let k = 0; k < count; k++) {
        const from = ((some[k] ?? 0) * h + row) * w + left;
        for (let i = from + start, at = k; i < from + end; i++, at += count) into[at] = data[i] ?? 0;
      }
    },
  };
}

/** Room for a row, used again, and larger where it has to be. */
export function rowRoom(): (length: number) => Float32Array {
  let room = new Float32Array(0);
  return (length) => {
    if (room.length < length) room = new Float32Array(length);
    return room;
  };
}

/** Between two rows of the map: [positions, candidates]. @param part its row at the padded size, and the map's columns. */
export function blendRows(
  { data, h, w }: ClassScores,
  { classes, count }: Candidates,
  y: Axes['y'],
  { row, low }: { readonly row: number; readonly low: Span },
  into: Float32Array,
): void {
  const length = low.end - low.start;
  const upper = (y.first[row] ?? 0) * w + low.start;
  const step = (y.second[row] ?? 0) * w + low.start - upper;
  const upperShare = y.firstShare[row] ?? 0;
  const lowerShare = y.secondShare[row] ?? 0;
  for (let k = 0; k < count; k++) {
    const from = (classes[k] ?? 0) * h * w + upper;
    for (let i = from, at = k; i < from + length; i++, at += count) {
      into[at] = (data[i] ?? 0) * upperShare + (data[i + step] ?? 0) * lowerShare;
    }
  }
}
