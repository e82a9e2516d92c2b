/**
 * From low-resolution class scores to a label map in original pixels, as mmseg 1 does it: bilinear to the size that the
 * network saw, the padding cut off, bilinear to the original size, then the best class of each pixel.
 * It goes tile by tile and makes scores only of the classes that can win in a tile: the labels are those that all
 * classes would give. Nothing of the size classes x height x width is ever held.
 */
import { LowformerError } from '../core/errors.js';
import type { FrameTransform, Size, Span } from '../core/frame.js';
import { type Tensor, tensor } from '../core/tensor.js';
import type { DecodedLabels } from '../registry/define.js';
import { refuseNan } from './refuse_nan.js';
import { addExtremes, allFinite, type BlockExtremes, blockExtremes, type ClassScores } from './segmentation_bounds.js';
import { tileLabeller } from './segmentation_descent.js';
import { largeScores, type PaddedScores, resizedScores } from './segmentation_scores.js';
import { type Axes, bilinearTaps, cropTaps, shiftTaps, sourceSpan } from './segmentation_taps.js';
import type { LastResize } from './segmentation_tile.js';
import { turns } from './turns.js';

export interface SegmentationDecodeOptions {
  readonly alignCorners: boolean;
  /** With a single output channel: the probability above which a pixel is of class 1. */
  readonly threshold: number;
  readonly signal?: AbortSignal | undefined;
}

/** Some rows of a label map, to be made of the rows of the padded size that they lie between. */
export interface LabelRows {
  /** Of the label map. */
  readonly rows: Span;
  /** The padded size's row that the scores begin with. */
  readonly from: number;
}

/** Sides of the tiles between which that time is looked at, in pixels of the label map. */
const TILE = { largest: 64, smallest: 8 };

/**
 * @param scores [N, classes, h, w], before softmax or sigmoid.
 * @param index the picture's place in the batch.
 * @returns class indices, one a pixel of the original picture; the first of equal scores wins, as in torch's argmax.
 * @throws {LowformerError} when the scores have no such picture, or when the frame's crop leaves the padded size.
 * @throws {LowformerError} `not-a-number` where one of the scores is NaN.
 * @throws the signal's reason when aborted.
 */
export async function decodeLabels(
  scores: Tensor,
  index: number,
  frame: FrameTransform,
  options: SegmentationDecodeOptions,
): Promise<DecodedLabels> {
  options.signal?.throwIfAborted();
  const low = pictureScores(scores, index);
  const map = { ...frame.original, side: tileSide(frame) };
  const toPadded = toPaddedOf(low, frame, options.alignCorners);
  const resize = lastResizeOf(frame, options.alignCorners);
  return labelScores(low, (blocks) => resizedScores(low, blocks, toPadded), resize, map, options);
}

/**
 * Some rows of the label map, of scores that have the padded size already, as far as these rows need them.
 * @param logits [1, classes, rows, W], `from` being the first of them.
 * @throws as `decodeLabels`.
 */
export async function decodeLabelRows(
  logits: Tensor,
  frame: FrameTransform,
  { rows, from }: LabelRows,
  options: SegmentationDecodeOptions,
): Promise<DecodedLabels> {
  options.signal?.throwIfAborted();
  const low = pictureScores(logits, 0);
  const height = rows.end - rows.start;
  const { toOriginal, keepsSize } = lastResizeOf(frame, options.alignCorners);
  const resize = {
    keepsSize,
    toOriginal: { x: toOriginal.x, y: shiftTaps(cropTaps(toOriginal.y, rows.start, height), from - frame.top) },
  };
  const map = { width: frame.original.width, height, side: tileSide(frame) };
  return labelScores(low, (blocks) => largeScores(low, blocks, frame.left), resize, map, options);
}

/** The rows of the padded size that some rows of the label map lie between. */
export function paddedRows({ original, resized, top }: FrameTransform, rows: Span, alignCorners: boolean): Span {
  const { start, end } = sourceSpan(bilinearTaps(resized.height, original.height, alignCorners), rows);
  return { start: start + top, end: end + top };
}

async function labelScores(
  low: ClassScores,
  scoresOf: (blocks: BlockExtremes) => PaddedScores,
  resize: LastResize,
  { width, height, side }: MadeMap,
  options: SegmentationDecodeOptions,
): Promise<DecodedLabels> {
  const turn = turns(options.signal);
  const blocks = await extremesOf(low, turn);
  const own = { ...resize, keepsSize: resize.keepsSize && allFinite(blocks) };
  const labels = emptyLabels(low.classes, width * height);
  await labelTiles(scoresOf(blocks), own, { labels, width, height, side }, { ...options, turn });
  return { width, height, labels };
}

/** Zeros, as wide as class indices need. */
export function emptyLabels(classes: number, length: number): Uint8Array | Uint16Array {
  return classes > 256 ? new Uint16Array(length) : new Uint8Array(length);
}

/** The bounds of a map. @throws {LowformerError} `not-a-number` where one of the scores is NaN. */
export async function extremesOf(low: ClassScores, turn: ReturnType<typeof turns>): Promise<BlockExtremes> {
  const blocks = blockExtremes(low);
  for (let c = 0; c < low.classes; c++) {
    addExtremes(low, c, blocks);
    await turn();
  }
  // Both are NaN where one of the scores is.
  refuseNan('class scores', blocks.smallest);
  await turn();
  return blocks;
}

/** What is made of a label map. */
interface MadeMap extends Size {
  /** Of its tiles. */
  readonly side: number;
}

/** A rectangle of a label map, zeros at first. */
interface MadeLabels extends MadeMap {
  /** From the rectangle's first pixel on. */
  readonly labels: Uint8Array | Uint16Array;
  /** From one of its rows to the next, in pixels; its width unless told otherwise. */
  readonly stride?: number;
}

/**
 * Writes the best class of each pixel of a rectangle.
 * @param resize of the rectangle: its first pixel is position 0.
 * @throws the signal's reason when aborted, by `turn`.
 */
export async function labelTiles(
  scores: PaddedScores,
  resize: LastResize,
  { labels, width, height, stride = width, side }: MadeLabels,
  { threshold, turn }: Pick<SegmentationDecodeOptions, 'threshold'> & { readonly turn: ReturnType<typeof turns> },
): Promise<void> {
  const contest =
    scores.classes === 1
      ? { start: Math.fround(logit(threshold)), labelOffset: 1 }
      : { start: Number.NEGATIVE_INFINITY, labelOffset: 0 };
  const labelTile = tileLabeller(scores, resize, contest, { labels, width: stride }, side);
  for (let y = 0; y < height; y += side) {
    for (let x = 0; x < width; x += side) {
      labelTile({
        x: { start: x, end: Math.min(x + side, width) },
        y: { start: y, end: Math.min(y + side, height) },
      });
      await turn();
    }
  }
}

/**
 * The first of the two steps of `decodeLabels`, for all classes: bilinear to `size`, as mmseg's `predict_by_feat`. The
 * second is `decodeLabels` of what comes out (or of sums of it) with a frame whose padded size it has.
 * @param scores [N, classes, h, w], before softmax or sigmoid.
 * @param index the picture's place in the batch.
 * @param rows of the enlarged picture; all unless told otherwise.
 * @returns [1, classes, rows, size.width], which may be a gigabyte; equal to torch's `interpolate` in float32.
 * @throws {LowformerError} when the scores have no such picture; `not-a-number` where one of them is NaN.
 * @throws the signal's reason when aborted.
 */
export async function enlargeLogits(
  scores: Tensor,
  index: number,
  { width, height }: Size,
  { alignCorners, signal }: Pick<SegmentationDecodeOptions, 'alignCorners' | 'signal'>,
  rows: Span = { start: 0, end: height },
): Promise<Tensor> {
  signal?.throwIfAborted();
  const { data, classes, h, w } = pictureScores(scores, index);
  const {
    first: left,
    second: right,
    firstShare: leftShare,
    secondShare: rightShare,
  } = bilinearTaps(w, width, alignCorners);
  const {
    first: upper,
    second: lower,
    firstShare: upperShare,
    secondShare: lowerShare,
  } = bilinearTaps(h, height, alignCorners);
  const [firstRow, lastRow] = [upper[rows.start] ?? 0, lower[rows.end - 1] ?? -1];
  const turn = turns(signal);
  const logits = new Float32Array(classes * (rows.end - rows.start) * width);
  const line = new Float32Array(w);
  for (let c = 0, at = 0; c < classes; c++) {
    refuseNan('class scores', data.subarray((c * h + firstRow) * w, (c * h + lastRow + 1) * w));
    for (let y = rows.start; y < rows.end; y++) {
      const above = (c * h + (upper[y] ?? 0)) * w;
      const below = (c * h + (lower[y] ?? 0)) * w;
      const [aboveShare, belowShare] = [upperShare[y] ?? 0, lowerShare[y] ?? 0];
      for (let x = 0; x < w; x++) line[x] = (data[above + x] ?? 0) * aboveShare + (data[below + x] ?? 0) * belowShare;
      for (let x = 0; x < width; x++, at++) {
        logits[at] =
          (line[left[x] ?? 0] ?? 0) * (leftShare[x] ?? 0) + (line[right[x] ?? 0] ?? 0) * (rightShare[x] ?? 0);
      }
    }
    await turn();
  }
  return tensor([1, classes, rows.end - rows.start, width], logits);
}

/** @throws {LowformerError} `engine-failure` where there is no such picture. */
export function pictureScores({ shape, data }: Tensor, index: number): ClassScores {
  const [, classes = 0, h = 0, w = 0] = shape;
  const length = classes * h * w;
  const low = data.subarray(index * length, (index + 1) * length);
  if (low.length !== length || length === 0) {
    const expected = `scores [N > ${index}, classes, h, w]`;
    throw new LowformerError({ code: 'engine-failure', where: 'decodeLabels', expected, received: shape });
  }
  return { data: low, classes, h, w };
}

/** To the size that the network saw, cropped to the picture. */
function toPaddedOf(
  { h, w }: ClassScores,
  { resized, padded, left, top }: FrameTransform,
  alignCorners: boolean,
): Axes {
  return {
    x: cropTaps(bilinearTaps(w, padded.width, alignCorners), left, resized.width),
    y: cropTaps(bilinearTaps(h, padded.height, alignCorners), top, resized.height),
  };
}

/** From what lies in the padded size to the original picture. @throws {LowformerError} for a frame that is mirrored, or leaves the padded size. */
export function lastResizeOf(frame: FrameTransform, alignCorners: boolean): LastResize {
  const { original, resized, padded, left, top, flip } = frame;
  if (flip !== undefined) {
    const expected = 'a picture as it was: looks at mirrored ones are averaged (averageLooks)';
    throw new LowformerError({ code: 'invalid-argument', where: 'decodeLabels', expected, received: flip });
  }
  if (left < 0 || top < 0 || left + resized.width > padded.width || top + resized.height > padded.height) {
    const expected = `a picture inside the padded ${padded.width}x${padded.height}`;
    const received = `${resized.width}x${resized.height} at (${left}, ${top})`;
    throw new LowformerError({ code: 'invalid-argument', where: 'decodeLabels', expected, received });
  }
  return {
    keepsSize: original.width === resized.width && original.height === resized.height,
    toOriginal: {
      x: bilinearTaps(resized.width, original.width, alignCorners),
      y: bilinearTaps(resized.height, original.height, alignCorners),
    },
  };
}

/** Where the picture is smaller than what the network saw, a tile is made of many positions: it is smaller too. */
export function tileSide({ original, resized }: FrameTransform): number {
  const reduced = Math.max(resized.width / original.width, resized.height / original.height);
  let side = TILE.largest;
  while (side > TILE.smallest && side * reduced > 2 * TILE.largest) side /= 2;
  return side;
}

function logit(probability: number): number {
  return Math.log(probability / (1 - probability));
}
