/**
 * mmseg's `EncoderDecoder.slide_inference`: windows go through the network, their logits are added where they lie, and the
 * sums are divided by how many windows lie there. It goes from the top down: what the network says of a window is held only
 * as long as rows that it covers are still to be asked for, and nothing of the size classes x height x width ever is.
 */
import type { Size, Span } from '../core/frame.js';
import { type Tensor, type Tensors, tensor } from '../core/tensor.js';
import { turns } from '../decoding/turns.js';
import { windowCounts, windowPlaces } from '../decoding/window_places.js';
import type { Windows } from '../geometry/windows.js';
import { multipleSize } from '../images/target_size.js';
import type { SegmentationDecoder, SlidingWindows } from '../registry/define.js';

export interface SlidingParts {
  readonly decoder: SegmentationDecoder;
  readonly windows: SlidingWindows;
  /** Runs the network on some windows, [n, 3, h, w], which are given away. */
  readonly run: (input: Tensor) => Promise<Tensors>;
  /** Sides of what the network takes are multiples of it: windows are padded at the right and bottom. */
  readonly sizeDivisor: number;
  /** What that padding consists of. */
  readonly padding: number;
  readonly signal?: AbortSignal | undefined;
}

/** Gives rows of a picture's joined logits, [1, classes, rows, W]. Asked from the top down: no `start` lies above an earlier one. */
export type JoinedLogits = (rows: Span) => Promise<Tensor>;

/** Pixels of the windows that go through the network in one run; one window at least. */
const PIXELS_AT_ONCE = 2 ** 20;

/** A window that has been through the network. */
interface SeenWindow {
  readonly left: number;
  readonly outputs: Tensors;
  readonly index: number;
}

/** Where the windows' pixels come from. */
export interface WindowSource extends Size {
  /**
   * Windows of a row as the network takes them, [n, 3, h, w].
   * @param top of the row; rows come from the top down.
   * @param padded each window at the right and bottom, to this size.
   */
  cut(top: number, lefts: readonly number[], size: Size, padded: Size): Tensor | Promise<Tensor>;
}

/** @param picture the network's input [1, 3, H, W], whole. */
export function slidingLogits(picture: Tensor, parts: SlidingParts): JoinedLogits {
  const [, , height = 0, width = 0] = picture.shape;
  const cut = (top: number, lefts: readonly number[], size: Size, padded: Size) =>
    cutWindows(picture, { top, lefts, size, padded }, parts.padding);
  return slidingLogitsOf({ width, height, cut }, parts);
}

/** The same of windows that are cut as they come; `parts.padding` is then their source's. */
export function slidingLogitsOf(source: WindowSource, parts: Omit<SlidingParts, 'padding'>): JoinedLogits {
  const { width } = source;
  const places = windowPlaces(source, parts.windows);
  const seen = new Map<number, readonly SeenWindow[]>();
  const turn = turns(parts.signal);
  return async (rows) => {
    for (const top of seen.keys()) if (top + places.size.height <= rows.start) seen.delete(top);
    const joined: Sums = { sums: undefined, rows, width };
    for (const top of places.tops) {
      if (top >= rows.end || top + places.size.height <= rows.start) continue;
      const row = seen.get(top) ?? (await runRow(source, top, places, parts));
      seen.set(top, row);
      for (const window of row) {
        await addWindow(joined, top, window, places.size, parts);
        await turn();
      }
    }
    return divided(joined, places);
  };
}

/** All windows of a row through the network, some at a time. */
async function runRow(
  source: WindowSource,
  top: number,
  { size, lefts }: Windows,
  { run, sizeDivisor, signal }: Omit<SlidingParts, 'padding'>,
): Promise<readonly SeenWindow[]> {
  const padded = multipleSize(size, [sizeDivisor, sizeDivisor]);
  const atOnce = Math.max(1, Math.floor(PIXELS_AT_ONCE / (padded.width * padded.height)));
  const row: SeenWindow[] = [];
  for (let first = 0; first < lefts.length; first += atOnce) {
    signal?.throwIfAborted();
    const some = lefts.slice(first, first + atOnce);
    const outputs = await run(await source.cut(top, some, size, padded));
    row.push(...some.map((left, index) => ({ left, outputs, index })));
  }
  return row;
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
  top: number,
  { left, outputs, index }: SeenWindow,
  size: Size,
  { decoder, sizeDivisor, signal }: Omit<SlidingParts, 'padding'>,
): Promise<void> {
  const { rows, width } = joined;
  const padded = multipleSize(size, [sizeDivisor, sizeDivisor]);
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
