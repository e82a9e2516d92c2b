/**
 * Scores of windows that lie over one another, joined as mmseg's `slide_inference` does: added from the top left on, divided
 * by how many there are. Sums and quotients round monotonically, so sums of bounds, rounded likewise, bound the sums.
 */
import type { Size, Span } from '../core/frame.js';
import type { JoinedWindow } from './joined_windows.js';
import {
  type Candidates,
  extremesOfBlocks,
  extremesOfScores,
  guardedAbove,
  guardedBelow,
  type Region,
  type RegionExtremes,
} from './segmentation_bounds.js';
import { blendRows, type PaddedScores, rowRoom } from './segmentation_scores.js';
import { type Axes, sourceSpan } from './segmentation_taps.js';

export interface JoinedPlaces {
  /** Of a window, without what was added for the network. */
  readonly size: Size;
  /** Where the picture begins in what the windows lie over. */
  readonly left: number;
  readonly top: number;
}

const f32 = Math.fround;

/** @param windows row by row, from the left; they cover whatever is asked for. */
export function joinedScores(windows: readonly JoinedWindow[], places: JoinedPlaces): PaddedScores {
  const { size, left, top } = places;
  const classes = windows[0]?.scores.classes ?? 0;
  const edges = {
    x: edgesOf(
      windows.map((window) => window.left - left),
      size.width,
    ),
    y: edgesOf(
      windows.map((window) => window.top - top),
      size.height,
    ),
  };
  const bounds = boundsRoom(classes);
  const line = rowRoom();
  let covers = new Uint32Array(0);

  /** Bounds of the sums in every piece of a region that the same windows cover. */
  const bound = (
    region: Region,
    { classes: candidates, count }: Candidates,
    ofWindow: (window: JoinedWindow, source: Region) => void,
    into: RegionExtremes,
  ): void => {
    for (let i = 0; i < count; i++) {
      const label = candidates[i] ?? 0;
      into.smallest[label] = Number.POSITIVE_INFINITY;
      into.largest[label] = Number.NEGATIVE_INFINITY;
    }
    const { own, low, high } = bounds;
    for (const y of pieces(region.y, edges.y)) {
      for (const x of pieces(region.x, edges.x)) {
        low.fill(0);
        high.fill(0);
        let covering = 0;
        for (const window of windows) {
          const across = inside(x, window.left - left, size.width);
          const down = inside(y, window.top - top, size.height);
          if (across === undefined || down === undefined) continue;
          covering++;
          const { x: toX, y: toY } = window.toWindow;
          ofWindow(window, { x: sourceSpan(toX, across), y: sourceSpan(toY, down) });
          for (let i = 0; i < count; i++) {
            const label = candidates[i] ?? 0;
            low[label] = (low[label] ?? 0) + f32(guardedBelow(own.smallest[label] ?? 0));
            high[label] = (high[label] ?? 0) + f32(guardedAbove(own.largest[label] ?? 0));
          }
        }
        for (let i = 0; i < count; i++) {
          const label = candidates[i] ?? 0;
          into.smallest[label] = Math.min(into.smallest[label] ?? 0, f32((low[label] ?? 0) / covering));
          into.largest[label] = Math.max(into.largest[label] ?? 0, f32((high[label] ?? 0) / covering));
        }
      }
    }
  };

  const all: Candidates = {
    classes: Int32Array.from({ length: classes }, (_, c) => c),
    count: classes,
    floor: Number.NEGATIVE_INFINITY,
  };
  return {
    classes,
    roughExtremes: (region, into) =>
      bound(region, all, ({ blocks }, source) => extremesOfBlocks(blocks, source, bounds.own), into),
    extremes: (region, candidates, into) =>
      bound(region, candidates, ({ scores }, source) => extremesOfScores(scores, source, candidates, bounds.own), into),
    row(candidates, row, part, into) {
      const { count } = candidates;
      const positions = part.end - part.start;
      into.fill(0, 0, positions * count);
      if (covers.length < positions) covers = new Uint32Array(positions);
      covers.fill(0, 0, positions);
      let most = 0;
      for (const { scores, toWindow, ...window } of windows) {
        const y = row - (window.top - top);
        if (y < 0 || y >= size.height) continue;
        const from = window.left - left;
        const [start, end] = [Math.max(part.start, from), Math.min(part.end, from + size.width)];
        if (start >= end) continue;
        most++;
        const own = { start: start - from, end: end - from };
        const low = sourceSpan(toWindow.x, own);
        const between = line(count * (low.end - low.start));
        blendRows(scores, candidates, toWindow.y, { row: y, low }, between);
        addResized(between, count, toWindow.x, { own, low: low.start }, into.subarray((start - part.start) * count));
        for (let i = start - part.start; i < end - part.start; i++) covers[i] = (covers[i] ?? 0) + 1;
      }
      if (most > 1) divide(into, covers, positions, count);
    },
  };
}

/** Adds a window's part of a row: each score is rounded to float32 before it is added. */
function addResized(
  between: Float32Array,
  count: number,
  { first, second, firstShare, secondShare }: Axes['x'],
  { own, low }: { readonly own: Span; readonly low: number },
  into: Float32Array,
): void {
  for (let i = own.start, at = 0; i < own.end; i++) {
    const share = firstShare[i] ?? 0;
    const otherShare = secondShare[i] ?? 0;
    const from = ((first[i] ?? 0) - low) * count;
    const step = ((second[i] ?? 0) - low) * count - from;
    for (let j = from; j < from + count; j++, at++) {
      into[at] = (into[at] ?? 0) + f32((between[j] ?? 0) * share + (between[j + step] ?? 0) * otherShare);
    }
  }
}

function divide(sums: Float32Array, covers: Uint32Array, positions: number, count: number): void {
  for (let i = 0, at = 0; i < positions; i++) {
    const windows = covers[i] ?? 1;
    if (windows === 1) at += count;
    else for (const end = at + count; at < end; at++) sums[at] = (sums[at] ?? 0) / windows;
  }
}

function boundsRoom(classes: number) {
  const room = () => new Float64Array(classes);
  // Sums are rounded to float32 as those that they bound.
  const sums = () => new Float32Array(classes);
  return { own: { smallest: room(), largest: room() }, low: sums(), high: sums() };
}

/** Where windows begin and end, ascending. */
function edgesOf(starts: readonly number[], side: number): readonly number[] {
  return [...new Set(starts.flatMap((start) => [start, start + side]))].sort((a, b) => a - b);
}

/** A span in pieces, none of which an edge lies in. */
function pieces({ start, end }: Span, edges: readonly number[]): readonly Span[] {
  const found: Span[] = [];
  let from = start;
  for (const edge of edges) {
    if (edge <= from) continue;
    if (edge >= end) break;
    found.push({ start: from, end: edge });
    from = edge;
  }
  found.push({ start: from, end });
  return found;
}

/** A piece as the window counts; undefined outside of it. */
function inside({ start, end }: Span, from: number, side: number): Span | undefined {
  return start >= from && end <= from + side ? { start: start - from, end: end - from } : undefined;
}
