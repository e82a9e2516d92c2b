/** Where the labels of a map lie, and how much of it is theirs. */
import type { LabelMap } from '../core/frame.js';

export interface LabelExtent {
  /** The smallest box around its pixels, COCO's form of it. */
  readonly box: [x: number, y: number, width: number, height: number];
  readonly pixels: number;
}

/** Of each label that occurs, in the order of their first pixels, row by row. */
export function labelExtents({ width, height, labels }: LabelMap): ReadonlyMap<number, LabelExtent> {
  const found = new Map<number, { left: number; top: number; right: number; bottom: number; pixels: number }>();
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; ) {
      const label = labels[at] ?? 0;
      const start = x;
      while (x < width && labels[at] === label) {
        x++;
        at++;
      }
      const own = found.get(label) ?? { left: start, top: y, right: x, bottom: y, pixels: 0 };
      found.set(label, own);
      own.left = Math.min(own.left, start);
      own.right = Math.max(own.right, x);
      own.bottom = y + 1;
      own.pixels += x - start;
    }
  }
  return new Map(
    [...found].map(([label, { left, top, right, bottom, pixels }]) => [
      label,
      { box: [left, top, right - left, bottom - top], pixels },
    ]),
  );
}
