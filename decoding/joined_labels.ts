/** A label map of windows over a picture, straight from their maps of low resolution: what cannot win is never enlarged. */
import type { FrameTransform, Span } from '../core/frame.js';
import type { Tensor } from '../core/tensor.js';
import type { DecodedLabels, JoinedLabels, JoinedWindowPlaces } from '../registry/define.js';
import { isSound, type JoinedWindow, joinedScores } from './joined_scores.js';
import {
  extremesOf,
  labelTiles,
  lastResizeOf,
  pictureScores,
  type SegmentationDecodeOptions,
  tileSide,
} from './segmentation.js';
import { bilinearTaps, cropTaps } from './segmentation_taps.js';
import { turns } from './turns.js';

interface HeldWindow extends JoinedWindow {
  /** Whether its scores are so small that no sum of windows becomes infinite. */
  readonly sound: boolean;
}

/** @param scoresOf gives the scores of a window before softmax or sigmoid, [N, classes, h, w]. */
export function joinedLabels<Outputs>(
  scoresOf: (outputs: Outputs) => Tensor,
  frame: FrameTransform,
  { size, padded }: JoinedWindowPlaces,
  { alignCorners, threshold, signal }: SegmentationDecodeOptions,
): JoinedLabels<Outputs> {
  const { toOriginal, keepsSize } = lastResizeOf(frame, alignCorners);
  const rows = new Map<number, HeldWindow[]>();
  const held = ({ start, end }: Span) =>
    [...rows].flatMap(([top, windows]) => (top < end && top + size.height > start ? windows : []));
  return {
    async add({ left, top, outputs, index }) {
      const scores = pictureScores(scoresOf(outputs), index);
      const blocks = await extremesOf(scores, turns(signal));
      const row = rows.get(top) ?? [];
      rows.set(top, row);
      row.push({ left, top, scores, blocks, sound: isSound(blocks) });
    },
    forget(above) {
      for (const top of rows.keys()) if (top + size.height <= above) rows.delete(top);
    },
    async labels(made, paddedRows): Promise<DecodedLabels | undefined> {
      const windows = held(paddedRows);
      const [first] = windows;
      if (first === undefined)
        throw new RangeError(`no window covers the rows ${paddedRows.start} to ${paddedRows.end}`);
      if (!windows.every(({ sound }) => sound)) return undefined;
      const { h, w } = first.scores;
      const toWindow = {
        x: cropTaps(bilinearTaps(w, padded.width, alignCorners), 0, size.width),
        y: cropTaps(bilinearTaps(h, padded.height, alignCorners), 0, size.height),
      };
      const scores = joinedScores(windows, { size, toWindow, left: frame.left, top: frame.top });
      const height = made.end - made.start;
      const resize = { keepsSize, toOriginal: { x: toOriginal.x, y: cropTaps(toOriginal.y, made.start, height) } };
      const map = { size: { width: frame.original.width, height }, side: tileSide(frame) };
      return labelTiles(scores, resize, map, { threshold, turn: turns(signal) });
    },
  };
}
