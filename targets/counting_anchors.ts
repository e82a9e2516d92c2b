import type { Size } from '../core/frame.js';
import type { AnchorGrid } from './anchor_grid.js';

/** The anchors of a picture that take part. */
export interface CountingAnchors {
  /** Of the grid's, ascending. */
  readonly indices: Int32Array;
  /** How many each level has. */
  readonly counts: readonly number[];
}

/**
 * Anchors of positions that lie on the picture or its own padding, and that reach no further than `allowedBorder` beyond
 * the picture: mmdet's `valid_flags` and `anchor_inside_flags`.
 * @param allowedBorder in pixels; negative: however far.
 */
export function countingAnchors(
  { anchors, starts, maps, perPosition, strides }: AnchorGrid,
  { size, padded }: { readonly size: Size; readonly padded: Size },
  allowedBorder: number,
): CountingAnchors {
  const indices = new Int32Array(starts.at(-1) ?? 0);
  const counts: number[] = [];
  let count = 0;
  maps.forEach(({ width, height }, level) => {
    const before = count;
    const [strideX, strideY] = strides[level] ?? [1, 1];
    const [rows, columns] = [Math.ceil(padded.height / strideY), Math.ceil(padded.width / strideX)];
    for (let y = 0; y < Math.min(height, rows); y++) {
      for (let x = 0; x < Math.min(width, columns); x++) {
        const first = (starts[level] ?? 0) + (y * width + x) * perPosition;
        for (let index = first; index < first + perPosition; index++) {
          if (allowedBorder < 0 || reachesInside(anchors, index, size, allowedBorder)) indices[count++] = index;
        }
      }
    }
    counts.push(count - before);
  });
  return { indices: indices.subarray(0, count), counts };
}

function reachesInside(anchors: Float32Array, index: number, { width, height }: Size, border: number): boolean {
  const at = index * 4;
  return (
    (anchors[at] ?? 0) >= -border &&
    (anchors[at + 1] ?? 0) >= -border &&
    (anchors[at + 2] ?? 0) < width + border &&
    (anchors[at + 3] ?? 0) < height + border
  );
}
