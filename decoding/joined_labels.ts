/** A label map of windows over a picture, straight from their maps of low resolution: what cannot win is never enlarged. */
import type { FrameTransform, Span } from '../core/frame.js';
import type { Tensor } from '../core/tensor.js';
import type { JoinedLabels, JoinedWindowPlaces, LabelBand } from '../registry/define.js';
import { joinedScores } from './joined_scores.js';
import { isSound, type JoinedWindow, windowBelow, windowBytes, windowsOver } from './joined_windows.js';
import { refuseNan } from './refuse_nan.js';
import {
  emptyLabels,
  extremesOf,
  labelTiles,
  lastResizeOf,
  pictureScores,
  type SegmentationDecodeOptions,
  tileSide,
} from './segmentation.js';
import type { PaddedScores } from './segmentation_scores.js';
import { bilinearTaps, countBefore, cropTaps, shiftTaps, sourceSpan, type Taps } from './segmentation_taps.js';
import { turns } from './turns.js';

/** Labels that are made before they are given away: 4 million, and no fewer rows than tiles have, unless a row of windows takes more. */
const BAND = { pixels: 2 ** 22, rows: 128 };

/**
 * The label map grows by rectangles: those pixels of which a window is the last that lies over them.
 * @param scoresOf gives the scores of a window before softmax or sigmoid, [N, classes, h, w].
 */
export function joinedLabels<Outputs>(
  scoresOf: (outputs: Outputs) => Tensor,
  frame: FrameTransform,
  { size, lefts, tops, padded }: JoinedWindowPlaces,
  { alignCorners, threshold, signal }: SegmentationDecodeOptions,
): JoinedLabels<Outputs> {
  const { toOriginal, keepsSize } = lastResizeOf(frame, alignCorners);
  const ends = {
    x: endsOf(toOriginal.x, lefts, frame.left),
    y: endsOf(toOriginal.y, tops, frame.top),
  };
  const { width } = frame.original;
  const rowsOfBand = Math.max(BAND.rows, Math.floor(BAND.pixels / width));
  const turn = turns(signal);
  /** Row by row, from the left. */
  let held: readonly JoinedWindow[] = [];
  /** Labels of some columns, by the row that they begin with. */
  const begun = new Map<number, LabelBand['labels']>();
  /** The first row that has not all of its labels. */
  let next = 0;

  const taken = async (scores: JoinedWindow['scores'], left: number, top: number): Promise<JoinedWindow> => {
    const blocks = await extremesOf(scores, turn);
    const toWindow = {
      x: cropTaps(bilinearTaps(scores.w, padded.width, alignCorners), 0, size.width),
      y: cropTaps(bilinearTaps(scores.h, padded.height, alignCorners), 0, size.height),
    };
    return { left, top, scores, blocks, toWindow, sound: isSound(blocks) };
  };

  /** Writes the labels of some columns of a band. */
  const write = async ({ rows, labels }: LabelBand, columns: Span): Promise<void> => {
    const made = { width: columns.end - columns.start, height: rows.end - rows.start };
    if (made.width === 0) return;
    const resize = {
      x: cropTaps(toOriginal.x, columns.start, made.width),
      y: cropTaps(toOriginal.y, rows.start, made.height),
    };
    const source = { x: sourceSpan(toOriginal.x, columns), y: sourceSpan(toOriginal.y, rows) };
    const windows = windowsOver(held, size, { x: moved(source.x, frame.left), y: moved(source.y, frame.top) });
    const scores = joinedScores(windows, { size, left: frame.left + source.x.start, top: frame.top + source.y.start });
    const sound = windows.every((window) => window.sound);
    if (!sound) refuseNanSums(scores, source.x.end - source.x.start, source.y.end - source.y.start);
    await labelTiles(
      scores,
      {
        // An infinite score times a share of 0 is NaN.
        keepsSize: keepsSize && sound,
        toOriginal: { x: shiftTaps(resize.x, source.x.start), y: shiftTaps(resize.y, source.y.start) },
      },
      { ...made, labels: labels.subarray(columns.start), stride: width, side: tileSide(frame) },
      { threshold, turn },
    );
  };

  /** Of windows that lie over no column from `right` on, what rows above `below` are made of is let go. Both of the label map. */
  const letGo = (right: number, below: number): void => {
    const [x, y] = [firstSource(toOriginal.x, right) + frame.left, firstSource(toOriginal.y, below) + frame.top];
    held = held.flatMap((window) => {
      if (window.left + size.width > x) return [window];
      return window.top + size.height > y ? [windowBelow(window, Math.max(0, y - window.top))] : [];
    });
  };

  return {
    get done() {
      return next === frame.original.height;
    },
    get bytes() {
      return held.reduce((sum, window) => sum + windowBytes(window), 0);
    },
    async *add({ left, top, outputs, index }) {
      const scores = pictureScores(scoresOf(outputs), index);
      held = [...held, await taken(scores, left, top)];
      const column = lefts.indexOf(left);
      const columns = { start: ends.x[column - 1] ?? 0, end: ends.x[column] ?? 0 };
      const end = ends.y[tops.indexOf(top)] ?? 0;
      const last = column === lefts.length - 1;
      for (let start = next; start < end; start += rowsOfBand) {
        const rows = { start, end: Math.min(start + rowsOfBand, end) };
        const labels = begun.get(start) ?? emptyLabels(scores.classes, width * (rows.end - start));
        begun.set(start, labels);
        await write({ rows, labels }, columns);
        if (!last) continue;
        begun.delete(start);
        yield { rows, labels };
      }
      if (last) next = Math.max(next, end);
      letGo(columns.end, end);
    },
  };
}

/** For every window of a row or column, how many of the picture's positions lie before what later ones lie over. */
function endsOf(taps: Taps, starts: readonly number[], from: number): readonly number[] {
  return starts.map((_, i) => countBefore(taps, (starts[i + 1] ?? Number.POSITIVE_INFINITY) - from));
}

/** The first source position of all that positions from `start` on are made of; beyond all where there are none. */
function firstSource({ first }: Taps, start: number): number {
  return first[start] ?? Number.POSITIVE_INFINITY;
}

function moved({ start, end }: Span, by: number): Span {
  return { start: start + by, end: end + by };
}

/** @throws {LowformerError} `not-a-number` where one of the sums in a rectangle is NaN. */
function refuseNanSums(scores: PaddedScores, width: number, height: number): void {
  const { classes: count } = scores;
  const all = { classes: Int32Array.from({ length: count }, (_, c) => c), count, floor: Number.NEGATIVE_INFINITY };
  const line = new Float32Array(count * width);
  for (let row = 0; row < height; row++) {
    scores.row(all, row, { start: 0, end: width }, line);
    refuseNan('class scores', line);
  }
}
