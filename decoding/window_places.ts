/** Where windows lie that slide over a picture: mmseg's `EncoderDecoder.slide_inference`. */
import type { Size, Span } from '../core/frame.js';
import { type Windows, windowsEvery } from '../geometry/windows.js';
import type { SlidingWindows } from '../registry/define.js';

/** They cover the whole picture: the last of a row or column is moved back to the edge, over its neighbour. */
export function windowPlaces(picture: Size, { crop, stride }: SlidingWindows): Windows {
  return windowsEvery(picture, crop, stride);
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
