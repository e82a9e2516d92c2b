/** What it costs to match tracks with detections: 1 - IoU, in double precision; sides are `x2 - x1`. */

/** Dearer than any limit. */
const IMPOSSIBLE = 2;

/**
 * IoU of box `i` of `a` with box `j` of `b`, 0 to 1; 0 for boxes without an area. Boxes are `[count, 4]` as x1, y1, x2, y2.
 */
export function overlapOf(a: Float64Array, i: number, b: Float64Array, j: number): number {
  const ax1 = a[i * 4] ?? 0;
  const ay1 = a[i * 4 + 1] ?? 0;
  const ax2 = a[i * 4 + 2] ?? 0;
  const ay2 = a[i * 4 + 3] ?? 0;
  const bx1 = b[j * 4] ?? 0;
  const by1 = b[j * 4 + 1] ?? 0;
  const bx2 = b[j * 4 + 2] ?? 0;
  const by2 = b[j * 4 + 3] ?? 0;
  // Most boxes lie apart, which costs a comparison.
  if (bx2 <= ax1 || bx1 >= ax2 || by2 <= ay1 || by1 >= ay2) return 0;
  const width = Math.min(ax2, bx2) - Math.max(ax1, bx1);
  const height = Math.min(ay2, by2) - Math.max(ay1, by1);
  if (!(width > 0 && height > 0)) return 0;
  const shared = width * height;
  return shared / ((ax2 - ax1) * (ay2 - ay1) + (bx2 - bx1) * (by2 - by1) - shared);
}

/** Boxes with a class each, of which the first `count` are used. */
export interface CostBoxes {
  readonly count: number;
  /** `[count, 4]` as x1, y1, x2, y2. */
  readonly boxes: Float64Array;
  readonly classes: Int32Array;
}

/**
 * Costs of every track (row) with every detection (column), row-major, to the front of `out`.
 * @param scores of the detections, where overlaps count times the score.
 * @param anyClass whether boxes of different classes can be one object.
 */
export function writeCosts(
  out: Float64Array,
  tracks: CostBoxes,
  detections: CostBoxes,
  scores: Float64Array | undefined,
  anyClass: boolean,
): void {
  const columns = detections.count;
  for (let i = 0, at = 0; i < tracks.count; i++) {
    for (let j = 0; j < columns; j++, at++) {
      if (!anyClass && tracks.classes[i] !== detections.classes[j]) {
        out[at] = IMPOSSIBLE;
        continue;
      }
      const overlap = overlapOf(tracks.boxes, i, detections.boxes, j);
      out[at] = 1 - (scores === undefined ? overlap : overlap * (scores[j] ?? 0));
    }
  }
}
