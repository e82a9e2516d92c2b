/** Intersection over union of boxes, in float32 as mmdet 3's `bbox_overlaps` (mode `iou`) computes it. */
const f32 = Math.fround;
/** The union is never taken smaller, so that two empty boxes have an overlap of 0. */
const SMALLEST_UNION = f32(1e-6);

/**
 * IoU of box `i` of `a` with box `j` of `b`, 0 to 1. Boxes are `[count, 4]` as x1, y1, x2, y2; sides are
 * `x2 - x1`, without a pixel added.
 */
export function intersectionOverUnion(a: Float32Array, i: number, b: Float32Array, j: number): number {
  const [ax1, ay1, ax2, ay2] = [a[i * 4] ?? 0, a[i * 4 + 1] ?? 0, a[i * 4 + 2] ?? 0, a[i * 4 + 3] ?? 0];
  const [bx1, by1, bx2, by2] = [b[j * 4] ?? 0, b[j * 4 + 1] ?? 0, b[j * 4 + 2] ?? 0, b[j * 4 + 3] ?? 0];
  const width = Math.max(0, f32(Math.min(ax2, bx2) - Math.max(ax1, bx1)));
  const height = Math.max(0, f32(Math.min(ay2, by2) - Math.max(ay1, by1)));
  const intersection = f32(width * height);
  const areaA = f32(f32(ax2 - ax1) * f32(ay2 - ay1));
  const areaB = f32(f32(bx2 - bx1) * f32(by2 - by1));
  const union = Math.max(SMALLEST_UNION, f32(f32(areaA + areaB) - intersection));
  return f32(intersection / union);
}

/** Every box of `a` with every box of `b`: `[a, b]`, row-major. */
export function intersectionOverUnionMatrix(a: Float32Array, b: Float32Array): Float32Array {
  const rows = a.length / 4;
  const columns = b.length / 4;
  const overlaps = new Float32Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) overlaps[i * columns + j] = intersectionOverUnion(a, i, b, j);
  }
  return overlaps;
}

/**
 * IoU of box `i` of `a` with every box of `b`, to `out`, as `intersectionOverUnion` has it. Allocates nothing.
 * @param out `[b]`.
 */
export function writeOverlaps(out: Float32Array, a: Float32Array, i: number, b: Float32Array): void {
  const ax1 = a[i * 4] ?? 0;
  const ay1 = a[i * 4 + 1] ?? 0;
  const ax2 = a[i * 4 + 2] ?? 0;
  const ay2 = a[i * 4 + 3] ?? 0;
  const area = f32(f32(ax2 - ax1) * f32(ay2 - ay1));
  for (let j = 0, at = 0; at < b.length; j++, at += 4) {
    const bx1 = b[at] ?? 0;
    const by1 = b[at + 1] ?? 0;
    const bx2 = b[at + 2] ?? 0;
    const by2 = b[at + 3] ?? 0;
    // Most boxes lie apart, which costs a comparison.
    if (bx2 <= ax1 || bx1 >= ax2 || by2 <= ay1 || by1 >= ay2) {
      out[j] = 0;
      continue;
    }
    const width = Math.max(0, f32(Math.min(ax2, bx2) - Math.max(ax1, bx1)));
    const height = Math.max(0, f32(Math.min(ay2, by2) - Math.max(ay1, by1)));
    const intersection = f32(width * height);
    const other = f32(f32(bx2 - bx1) * f32(by2 - by1));
    out[j] = intersection / Math.max(SMALLEST_UNION, f32(f32(area + other) - intersection));
  }
}

/** What share of box `i` of `a` lies in box `j` of `b`, 0 to 1: mode `iof` of mmdet 3's `bbox_overlaps`. */
export function intersectionOverForeground(a: Float32Array, i: number, b: Float32Array, j: number): number {
  const ax1 = a[i * 4] ?? 0;
  const ay1 = a[i * 4 + 1] ?? 0;
  const ax2 = a[i * 4 + 2] ?? 0;
  const ay2 = a[i * 4 + 3] ?? 0;
  const width = Math.max(0, f32(Math.min(ax2, b[j * 4 + 2] ?? 0) - Math.max(ax1, b[j * 4] ?? 0)));
  const height = Math.max(0, f32(Math.min(ay2, b[j * 4 + 3] ?? 0) - Math.max(ay1, b[j * 4 + 1] ?? 0)));
  const area = f32(f32(ax2 - ax1) * f32(ay2 - ay1));
  return f32(f32(width * height) / Math.max(SMALLEST_UNION, area));
}
