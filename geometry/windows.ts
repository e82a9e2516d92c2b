/** Windows that together cover a picture, all of one size. */
import type { Size } from '../core/frame.js';

/** Windows of a picture, in pixels. */
export interface Windows {
  readonly size: Size;
  /** Left edges, ascending. Every window of a row has the same top. */
  readonly lefts: readonly number[];
  /** Top edges, ascending. */
  readonly tops: readonly number[];
}

/**
 * One window every `stride` pixels: the last of a row or column is moved back to the edge, over its neighbour. A window is no
 * larger than the picture.
 * @param window and `stride` whole numbers of 1 or more.
 */
export function windowsEvery(picture: Size, window: Size, stride: Size): Windows {
  const size = { width: Math.min(window.width, picture.width), height: Math.min(window.height, picture.height) };
  return {
    size,
    lefts: starts(picture.width, size.width, stride.width),
    tops: starts(picture.height, size.height, stride.height),
  };
}

/**
 * Windows that share a part of their sides, as SAHI's `get_slice_bboxes` lays them: of the pixels that are shared the fraction is dropped.
 * @param overlap of a side, from 0 up to, but not including, 1.
 */
export function overlappingWindows(picture: Size, window: Size, overlap: number): Windows {
  const stride = (side: number) => side - Math.trunc(overlap * side);
  return windowsEvery(picture, window, { width: stride(window.width), height: stride(window.height) });
}

function starts(side: number, window: number, stride: number): readonly number[] {
  const count = Math.ceil((side - window) / stride) + 1;
  return Array.from({ length: count }, (_, i) => Math.min(i * stride, side - window));
}
