/**
 * From low-resolution class scores to a label map in original pixels, as mmseg 1 does it: bilinear to the size that the
 * network saw, the padding cut off, bilinear to the original size, then the best class of each pixel.
 * Rows are made one after another and dropped: nothing of the size classes x height x width is ever held.
 */
import { LowformerError } from '../core/errors.js';
import type { FrameTransform, Size } from '../core/frame.js';
import type { Tensor } from '../core/tensor.js';
import type { DecodedLabels } from '../registry/define.js';

export interface SegmentationDecodeOptions {
  readonly alignCorners: boolean;
  /** With a single output channel: the probability above which a pixel is of class 1. */
  readonly threshold: number;
  readonly signal?: AbortSignal | undefined;
}

/** Between two source positions: index of each and its share. */
interface Taps {
  readonly first: Int32Array;
  readonly second: Int32Array;
  readonly firstShare: Float32Array;
  readonly secondShare: Float32Array;
}

/** How long rows are made before the event loop has its turn, in milliseconds. */
const TURN = 12;

/**
 * @param scores [N, classes, h, w], before softmax or sigmoid.
 * @param index the picture's place in the batch.
 * @returns class indices, one a pixel of the original picture; the first of equal scores wins, as in torch's argmax.
 * @throws the signal's reason when aborted.
 */
export async function decodeLabels(
  scores: Tensor,
  index: number,
  frame: FrameTransform,
  options: SegmentationDecodeOptions,
): Promise<DecodedLabels> {
  const [, classes = 0, h = 0, w = 0] = scores.shape;
  const plane = h * w;
  const low = scores.data.subarray(index * classes * plane, (index + 1) * classes * plane);
  if (low.length !== classes * plane || plane === 0) {
    const expected = `scores [N > ${index}, classes, h, w]`;
    throw new LowformerError({ code: 'engine-failure', where: 'decodeLabels', expected, received: scores.shape });
  }
  const { original, resized, padded } = frame;
  const toPadded = { x: taps(w, padded.width, options.alignCorners), y: taps(h, padded.height, options.alignCorners) };
  const toOriginal = {
    x: taps(resized.width, original.width, options.alignCorners),
    y: taps(resized.height, original.height, options.alignCorners),
  };
  const source = { scores: low, classes, plane, line: new Float32Array(w) };
  const middle = rowCache(classes * resized.width, (row, into) => {
    middleRow(source, toPadded, { row: row + frame.top, left: frame.left, width: resized.width }, into);
  });

  const labels = classes > 256 ? new Uint16Array(area(original)) : new Uint8Array(area(original));
  const blended = new Float32Array(resized.width);
  const best = new Float32Array(original.width);
  let turn = performance.now();
  for (let y = 0; y < original.height; y++) {
    const above = middle.row(toOriginal.y.first[y] ?? 0);
    const below = middle.row(toOriginal.y.second[y] ?? 0);
    const shares = { above: toOriginal.y.firstShare[y] ?? 0, below: toOriginal.y.secondShare[y] ?? 0 };
    const line = labels.subarray(y * original.width, (y + 1) * original.width);
    best.fill(classes === 1 ? logit(options.threshold) : Number.NEGATIVE_INFINITY);
    for (let c = 0; c < classes; c++) {
      blend(above, below, shares, c * resized.width, blended);
      keepBest(blended, toOriginal.x, classes === 1 ? 1 : c, best, line);
    }
    if (performance.now() - turn > TURN) {
      options.signal?.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve));
      turn = performance.now();
    }
  }
  return { width: original.width, height: original.height, labels };
}

/** Low-resolution scores [classes, h, w] of one picture, and room for one of their rows. */
interface Source {
  readonly scores: Float32Array;
  readonly classes: number;
  readonly plane: number;
  readonly line: Float32Array;
}

/** One row of the enlarged scores, all classes: [classes, width]. */
function middleRow(
  { scores, classes, plane, line }: Source,
  enlarge: { readonly x: Taps; readonly y: Taps },
  target: { readonly row: number; readonly left: number; readonly width: number },
  into: Float32Array,
): void {
  const { x, y } = enlarge;
  const above = (y.first[target.row] ?? 0) * line.length;
  const below = (y.second[target.row] ?? 0) * line.length;
  const aboveShare = y.firstShare[target.row] ?? 0;
  const belowShare = y.secondShare[target.row] ?? 0;
  for (let c = 0, at = 0; c < classes; c++) {
    const base = c * plane;
    for (let i = 0; i < line.length; i++) {
      line[i] = (scores[base + above + i] ?? 0) * aboveShare + (scores[base + below + i] ?? 0) * belowShare;
    }
    for (let i = target.left; i < target.left + target.width; i++, at++) {
      into[at] =
        (line[x.first[i] ?? 0] ?? 0) * (x.firstShare[i] ?? 0) + (line[x.second[i] ?? 0] ?? 0) * (x.secondShare[i] ?? 0);
    }
  }
}

function blend(
  above: Float32Array,
  below: Float32Array,
  shares: { readonly above: number; readonly below: number },
  start: number,
  into: Float32Array,
): void {
  const { above: aboveShare, below: belowShare } = shares;
  for (let i = 0; i < into.length; i++) {
    into[i] = (above[start + i] ?? 0) * aboveShare + (below[start + i] ?? 0) * belowShare;
  }
}

function keepBest(
  row: Float32Array,
  x: Taps,
  label: number,
  best: Float32Array,
  labels: Uint8Array | Uint16Array,
): void {
  const { first, second, firstShare, secondShare } = x;
  for (let i = 0; i < best.length; i++) {
    const score = (row[first[i] ?? 0] ?? 0) * (firstShare[i] ?? 0) + (row[second[i] ?? 0] ?? 0) * (secondShare[i] ?? 0);
    if (score > (best[i] ?? 0)) {
      best[i] = score;
      labels[i] = label;
    }
  }
}

/** The last two rows asked for: going down a picture, each is made once. */
function rowCache(
  length: number,
  make: (row: number, into: Float32Array) => void,
): { row(index: number): Float32Array } {
  const slots = [
    { index: -1, data: new Float32Array(length) },
    { index: -1, data: new Float32Array(length) },
  ];
  return {
    row(index) {
      const found = slots.find((slot) => slot.index === index);
      if (found !== undefined) return found.data;
      // Rows are asked for in ascending order: the lower number is the one no longer needed.
      const slot = slots.reduce((a, b) => (a.index <= b.index ? a : b));
      slot.index = index;
      make(index, slot.data);
      return slot.data;
    },
  };
}

/** torch's source positions for `interpolate(mode='bilinear')`, in its float32 arithmetic. */
function taps(from: number, to: number, alignCorners: boolean): Taps {
  const scale = alignCorners ? (to > 1 ? Math.fround((from - 1) / (to - 1)) : 0) : Math.fround(from / to);
  const result: Taps = {
    first: new Int32Array(to),
    second: new Int32Array(to),
    firstShare: new Float32Array(to),
    secondShare: new Float32Array(to),
  };
  for (let i = 0; i < to; i++) {
    const centred = Math.fround(Math.fround(scale * Math.fround(i + 0.5)) - 0.5);
    const position = alignCorners ? Math.fround(scale * i) : Math.max(0, centred);
    const first = Math.min(Math.floor(position), from - 1);
    const share = Math.min(Math.max(Math.fround(position - first), 0), 1);
    result.first[i] = first;
    result.second[i] = Math.min(first + 1, from - 1);
    result.secondShare[i] = share;
    result.firstShare[i] = 1 - share;
  }
  return result;
}

function logit(probability: number): number {
  return Math.log(probability / (1 - probability));
}

function area({ width, height }: Size): number {
  return width * height;
}
