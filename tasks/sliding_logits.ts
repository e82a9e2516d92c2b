/**
 * mmseg's `EncoderDecoder.slide_inference`: windows go through the network, their logits are added where they lie, and the
 * sums are divided by how many windows lie there. It goes from the top down: what the network says of a window is held only
 * as long as rows that it covers are still to be asked for, and nothing of the size classes x height x width ever is.
 */
import type { FrameTransform, Size, Span } from '../core/frame.js';
import { type Tensor, tensor } from '../core/tensor.js';
import { turns } from '../decoding/turns.js';
import { windowCounts, windowPlaces } from '../decoding/window_places.js';
import type { Windows } from '../geometry/windows.js';
import { multipleSize } from '../images/target_size.js';
import type { LabelBand, SegmentationDecoder, SlidingWindows } from '../registry/define.js';
import { type SeenWindow, type WindowRunsParts, type WindowSource, windowRuns } from './window_runs.js';

export interface SlidingParts extends WindowRunsParts {
  readonly decoder: SegmentationDecoder;
  readonly windows: SlidingWindows;
}

/** Gives rows of a picture's joined logits, [1, classes, rows, W]. Asked from the top down: no `start` lies above an earlier one. */
export type JoinedLogits = (rows: Span) => Promise<Tensor>;

/** Where the label map of a picture comes from. */
export interface LabelSource {
  readonly logits: JoinedLogits;
  /** Labels without logits, where there is such a way; those of a picture that became what the network saw by `frame`, from the top down. */
  readonly labels?: (frame: FrameTransform) => AsyncIterable<LabelBand>;
}

/** Its windows go through the network once, for logits or for labels. Disposing of it ends what is under way. */
export interface SlidingSource extends Required<LabelSource>, AsyncDisposable {}

/** @param picture the network's input [1, 3, H, W], or [1, 1, H, W] of packed pixels, whole. @param padding what windows are padded with for the network. */
export function slidingPicture(picture: Tensor, parts: SlidingParts, padding: number): SlidingSource {
  const [, , height = 0, width = 0] = picture.shape;
  const cut = (top: number, lefts: readonly number[], size: Size, padded: Size) =>
    cutWindows(picture, { top, lefts, size, padded }, padding);
  return slidingSource({ width, height, cut }, parts);
}

/** Windows that are cut as they come. */
export function slidingSource(source: WindowSource, parts: SlidingParts): SlidingSource {
  const { width } = source;
  const { decoder, sizeDivisor, signal } = parts;
  const places = windowPlaces(source, parts.windows);
  const padded = multipleSize(places.size, [sizeDivisor, sizeDivisor]);
  const runs = windowRuns(source, places, parts);
  const turn = turns(signal);
  let held: readonly SeenWindow[] = [];
  const over = async (rows: Span): Promise<readonly SeenWindow[]> => {
    const reaches = ({ top }: SeenWindow) => top + places.size.height > rows.start;
    held = held.filter(reaches);
    while (runs.top !== undefined && runs.top < rows.end) held = [...held, ...(await runs.next()).filter(reaches)];
    return held.filter(({ top }) => top < rows.end);
  };
  return {
    async logits(rows) {
      const joined: Sums = { sums: undefined, rows, width };
      for (const window of await over(rows)) {
        await addWindow(joined, window, { size: places.size, padded }, parts);
        await turn();
      }
      return divided(joined, places);
    },
    async *labels(frame) {
      const labels = decoder.joinedLabels(frame, { ...places, padded }, signal);
      while (!labels.done) for (const window of await runs.next()) yield* labels.add(window);
    },
    [Symbol.asyncDispose]: () => runs[Symbol.asyncDispose](),
  };
}

interface WindowRow {
  readonly top: number;
  readonly lefts: readonly number[];
  readonly size: Size;
  readonly padded: Size;
}

/** Windows of a row as one input, [n, 3, h, w]. */
function cutWindows(
  { shape: [, channels = 0, height = 0, width = 0], data }: Tensor,
  { top, lefts, size, padded }: WindowRow,
  padding: number,
): Tensor {
  const plane = padded.width * padded.height;
  const cut = new Float32Array(lefts.length * channels * plane);
  if (padding !== 0 && plane > size.width * size.height) cut.fill(padding);
  lefts.forEach((left, i) => {
    for (let c = 0; c < channels; c++) {
      for (let y = 0; y < size.height; y++) {
        const from = (c * height + top + y) * width + left;
        cut.set(data.subarray(from, from + size.width), (i * channels + c) * plane + y * padded.width);
      }
    }
  });
  return tensor([lefts.length, channels, padded.height, padded.width], cut);
}

/** Rows of sums, [1, classes, rows, W]; none before the first window tells how many classes there are. */
interface Sums {
  sums: Tensor | undefined;
  readonly rows: Span;
  readonly width: number;
}

/** Adds a window's logits, as far as they lie in the rows. What was padded for the network is left out. */
async function addWindow(
  joined: Sums,
  { top, left, outputs, index }: SeenWindow,
  { size, padded }: { readonly size: Size; readonly padded: Size },
  { decoder, signal }: SlidingParts,
): Promise<void> {
  const { rows, width } = joined;
  const own = { start: Math.max(rows.start - top, 0), end: Math.min(rows.end - top, size.height) };
  const { shape, data } = await decoder.logits(outputs, index, padded, signal, own);
  const [, classes = 0] = shape;
  const [height, ownHeight] = [rows.end - rows.start, own.end - own.start];
  joined.sums ??= tensor([1, classes, height, width], new Float32Array(classes * height * width));
  const sums = joined.sums.data;
  for (let c = 0; c < classes; c++) {
    for (let y = 0; y < ownHeight; y++) {
      const from = (c * ownHeight + y) * padded.width;
      const to = (c * height + top + own.start - rows.start + y) * width + left;
      for (let x = 0; x < size.width; x++) sums[to + x] = (sums[to + x] ?? 0) + (data[from + x] ?? 0);
    }
  }
}

function divided({ sums, rows, width }: Sums, { size, lefts, tops }: Windows): Tensor {
  if (sums === undefined) throw new RangeError(`no window covers the rows ${rows.start} to ${rows.end}`);
  const { shape, data } = sums;
  const [, classes = 0, height = 0] = shape;
  const down = windowCounts(tops, size.height, rows);
  const across = windowCounts(lefts, size.width, { start: 0, end: width });
  for (let c = 0, at = 0; c < classes; c++) {
    for (let y = 0; y < height; y++) {
      const above = down[y] ?? 1;
      for (let x = 0; x < width; x++, at++) data[at] = (data[at] ?? 0) / (above * (across[x] ?? 1));
    }
  }
  return sums;
}
