/** Windows over a picture that labels are still to be made of, and as little of each as that takes. */
import type { Size } from '../core/frame.js';
import { type BlockExtremes, type ClassScores, lowerRows, type Region } from './segmentation_bounds.js';
import { type Axes, shiftTaps } from './segmentation_taps.js';

/** A window where it lies in what the network saw in windows. */
export interface JoinedWindow {
  readonly left: number;
  readonly top: number;
  /** Its map, or the lower rows of it. All windows' maps have one size. */
  readonly scores: ClassScores;
  readonly blocks: BlockExtremes;
  /** From what there is of the map to the window. */
  readonly toWindow: Axes;
  /** Whether its scores are so small that no sum of windows becomes infinite. */
  readonly sound: boolean;
}

/** Beyond it sums might become infinite. */
const SOUND = 1e30;

/** Whether a window's scores are so small that no sum of windows becomes infinite. */
export function isSound({ smallest, largest }: BlockExtremes): boolean {
  return smallest.every((score) => score > -SOUND) && largest.every((score) => score < SOUND);
}

/** The window with what its rows from `row` on are made of, as a copy; the same window where that would be all. @param row of the window. */
export function windowBelow(window: JoinedWindow, row: number): JoinedWindow {
  const { scores, blocks, toWindow } = window;
  const lower = lowerRows(scores, blocks, toWindow.y.first[row] ?? 0);
  if (lower === undefined) return window;
  const { start, ...rest } = lower;
  return { ...window, ...rest, toWindow: { x: toWindow.x, y: shiftTaps(toWindow.y, start) } };
}

/** Bytes of a window's scores and bounds. */
export function windowBytes({ scores, blocks }: JoinedWindow): number {
  return scores.data.byteLength + blocks.smallest.byteLength + blocks.largest.byteLength;
}

/** Those that lie over some of a region. @param size of each. */
export function windowsOver(
  windows: readonly JoinedWindow[],
  { width, height }: Size,
  { x, y }: Region,
): readonly JoinedWindow[] {
  return windows.filter(
    ({ left, top }) => left < x.end && left + width > x.start && top < y.end && top + height > y.start,
  );
}
