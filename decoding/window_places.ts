/** Where windows lie that slide over a picture: mmseg's `EncoderDecoder.slide_inference`. */
import type { Size, Span } from '../core/frame.js';
import type { SlidingWindows } from '../registry/define.js';

/** Of all windows of a picture, which are of one size; in pixels of the network's input. */
export interface WindowPlaces {
  readonly size: Size;
  /** Left edges, ascending. Every window of a row has the same top. */
  readonly lefts: readonly number[];
  /** Top edges, ascending. */
  readonly tops: readonly number[];
}

/** They cover the whole picture: the last of a row or column is moved back to the edge, over its neighbour. */
export function windowPlaces(picture: Size, { crop, stride }: SlidingWindows): WindowPlaces {
  const size = { width: Math.min(crop.width, picture.width), height: Math.min(crop.height, picture.height) };
  return {
    size,
    lefts: starts(picture.width, size.width, stride.width),
    tops: starts(picture.height, size.height, stride.height),
  };
}

function starts(side: number, window: number, stride: number): readonly number[] {
  const count = Math.ceil((side - window) / stride) + 1;
  return Array.from({ length: count }, (_, i) => Math.min(i * stride, side - window));
}

/** How many windows lie over each position of an axis. */
export function windowCounts(starts: readonly number[], window: number, { start, end }: Span): Uint32Array {
  const counts = new Uint32Array(end - start);
  for (const first of starts) {
    for (let at = Math.max(first, start); at < Math.min(first + window, end); at++) {
      counts[at - start] = (counts[at - start] ?? 0) + 1;
    }
  }
  return counts;
}
