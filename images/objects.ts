/** Objects left out and put together: boxes, labels and what is ignored stay parallel. */
import type { Size } from '../core/frame.js';
import type { AnnotatedObjects } from './sample.js';

/** Those for which `keeps` holds, in order. */
export function keepObjects(
  { boxes, labels, ignored }: AnnotatedObjects,
  keeps: (box: Float32Array, index: number) => boolean,
): AnnotatedObjects {
  const kept = Array.from(labels.keys()).filter((i) => keeps(boxes.subarray(4 * i, 4 * i + 4), i));
  const corners = new Float32Array(4 * kept.length);
  for (const [to, from] of kept.entries()) corners.set(boxes.subarray(4 * from, 4 * from + 4), 4 * to);
  return {
    boxes: corners,
    labels: Int32Array.from(kept, (i) => labels[i] ?? 0),
    ...(ignored === undefined ? {} : { ignored: Uint8Array.from(kept, (i) => ignored[i] ?? 0) }),
  };
}

/** mmdet's `is_inside`: some of the box lies in the picture. */
export function isInside([x1 = 0, y1 = 0, x2 = 0, y2 = 0]: ArrayLike<number> & Iterable<number>, size: Size): boolean {
  return x1 < size.width && x2 > 0 && y1 < size.height && y2 > 0;
}

/** All objects of several pictures that lie upon one another. */
export function joinObjects(lists: readonly AnnotatedObjects[]): AnnotatedObjects {
  const count = lists.reduce((sum, { labels }) => sum + labels.length, 0);
  const boxes = new Float32Array(4 * count);
  const labels = new Int32Array(count);
  const ignored = new Uint8Array(count);
  let at = 0;
  for (const list of lists) {
    boxes.set(list.boxes, 4 * at);
    labels.set(list.labels, at);
    if (list.ignored !== undefined) ignored.set(list.ignored, at);
    at += list.labels.length;
  }
  return { boxes, labels, ...(lists.some((list) => list.ignored !== undefined) ? { ignored } : {}) };
}
