/**
 * What several looks at a picture say of its classes, averaged, as mmseg's `SegTTAModel`: the logits of each at the size
 * that the network saw, the padding cut off, mirrored back, bilinear to the original size, softmax; the sums of these in
 * float32, and the best class of each pixel.
 */
import type { FrameTransform, Span } from '../core/frame.js';
import type { Tensor } from '../core/tensor.js';
import { flipsAcross, flipsDown } from '../images/flip_sample.js';
import type { AveragedLooks, DecodedLabels } from '../registry/define.js';
import { refuseNan } from './refuse_nan.js';
import { bilinearTaps, type Taps } from './segmentation_taps.js';
import { turns } from './turns.js';

export interface LooksOptions {
  readonly alignCorners: boolean;
  /** With a single class: the mean probability above which a pixel is of class 1. */
  readonly threshold: number;
}

/** A softmax's terms below exp of this are left out: of 1e-13 of the largest, they are no part of a float32 sum. */
const NEGLIGIBLE = -30;

/**
 * The mean over some rows of the original picture, which start at 0 looks.
 * @param rows of the original picture. @param width of the original picture.
 */
export function averageLooks(rows: Span, width: number, options: LooksOptions): AveragedLooks {
  const height = rows.end - rows.start;
  /** [rows, width, classes]; none before the first look tells how many classes there are. */
  let sums: Float32Array | undefined;
  let classes = 0;
  let looks = 0;
  return {
    async add(logitsOf, frame, bands, signal) {
      looks++;
      const turn = turns(signal);
      const across = mirroredTaps(frame, 'x', options.alignCorners);
      const down = mirroredTaps(frame, 'y', options.alignCorners);
      for (const band of bands) {
        const source = rowsOfTaps(down, band);
        const logits = await logitsOf({ start: source.start + frame.top, end: source.end + frame.top });
        classes = logits.shape[1] ?? 0;
        refuseNan('class scores', logits.data);
        sums ??= new Float32Array(height * width * classes);
        const scores = new Float32Array(width * classes);
        const line = new Float32Array(frame.resized.width);
        for (let y = band.start; y < band.end; y++) {
          scoresOfRow(logits, frame, { across, down, from: source.start }, y, line, scores);
          const at = (y - rows.start) * width * classes;
          const into = sums.subarray(at, at + width * classes);
          if (classes === 1) addSigmoid(scores, into);
          else addSoftmax(scores, classes, into);
          await turn();
        }
      }
    },
    labels(): DecodedLabels {
      const labels = classes > 256 ? new Uint16Array(height * width) : new Uint8Array(height * width);
      const all = sums ?? new Float32Array(0);
      for (let i = 0; i < labels.length; i++) {
        labels[i] =
          classes === 1
            ? Number((all[i] ?? 0) / looks > options.threshold)
            : firstLargest(all, i * classes, (i + 1) * classes);
      }
      return { width, height, labels };
    },
  };
}

/** The rows at `frame.padded` that some rows of the original picture are made of, where it may be mirrored. */
export function sourceRows(frame: FrameTransform, rows: Span, alignCorners: boolean): Span {
  const { start, end } = rowsOfTaps(mirroredTaps(frame, 'y', alignCorners), rows);
  return { start: start + frame.top, end: end + frame.top };
}

/** From the picture in what the network saw to the original along one axis: the taps of the picture mirrored back. */
function mirroredTaps({ original, resized, flip }: FrameTransform, axis: 'x' | 'y', alignCorners: boolean): Taps {
  const [from, to] = axis === 'x' ? [resized.width, original.width] : [resized.height, original.height];
  const taps = bilinearTaps(from, to, alignCorners);
  if (!(axis === 'x' ? flipsAcross(flip) : flipsDown(flip))) return taps;
  const mirrored = (positions: Int32Array) => positions.map((position) => from - 1 - position);
  return { ...taps, first: mirrored(taps.first), second: mirrored(taps.second) };
}

/** The source positions of a span, whichever way they run. */
function rowsOfTaps({ first, second }: Taps, { start, end }: Span): Span {
  const ends = [first[start] ?? 0, second[start] ?? 0, first[end - 1] ?? 0, second[end - 1] ?? 0];
  return { start: Math.min(...ends), end: Math.max(...ends) + 1 };
}

/** Scores of a row of the original picture, [width, classes]. What torch holds in between is rounded to float32. */
function scoresOfRow(
  { shape, data }: Tensor,
  { left }: FrameTransform,
  { across, down, from }: { readonly across: Taps; readonly down: Taps; readonly from: number },
  y: number,
  line: Float32Array,
  into: Float32Array,
): void {
  const [, classes = 0, h = 0, w = 0] = shape;
  const upper = ((down.first[y] ?? 0) - from) * w + left;
  const lower = ((down.second[y] ?? 0) - from) * w + left;
  const [upperShare, lowerShare] = [down.firstShare[y] ?? 0, down.secondShare[y] ?? 0];
  const { first, second, firstShare, secondShare } = across;
  for (let c = 0; c < classes; c++) {
    const plane = c * h * w;
    for (let x = 0; x < line.length; x++) {
      line[x] = (data[plane + upper + x] ?? 0) * upperShare + (data[plane + lower + x] ?? 0) * lowerShare;
    }
    for (let x = 0, at = c; x < first.length; x++, at += classes) {
      into[at] =
        (line[first[x] ?? 0] ?? 0) * (firstShare[x] ?? 0) + (line[second[x] ?? 0] ?? 0) * (secondShare[x] ?? 0);
    }
  }
}

/** @param scores [pixels, classes], used up. */
function addSoftmax(scores: Float32Array, classes: number, into: Float32Array): void {
  for (let start = 0; start < scores.length; start += classes) {
    const end = start + classes;
    let largest = Number.NEGATIVE_INFINITY;
    for (let i = start; i < end; i++) largest = Math.max(largest, scores[i] ?? 0);
    let total = 0;
    for (let i = start; i < end; i++) {
      const below = (scores[i] ?? 0) - largest;
      const power = below > NEGLIGIBLE ? Math.exp(below) : 0;
      scores[i] = power;
      total += power;
    }
    for (let i = start; i < end; i++) into[i] = (into[i] ?? 0) + Math.fround((scores[i] ?? 0) / total);
  }
}

function addSigmoid(scores: Float32Array, into: Float32Array): void {
  for (let i = 0; i < scores.length; i++) into[i] = (into[i] ?? 0) + Math.fround(1 / (1 + Math.exp(-(scores[i] ?? 0))));
}

/** The first of the largest, counted from `start`. */
function firstLargest(values: Float32Array, start: number, end: number): number {
  let best = start;
  for (let i = start + 1; i < end; i++) if ((values[i] ?? 0) > (values[best] ?? 0)) best = i;
  return best - start;
}
