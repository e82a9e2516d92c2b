import type { Size } from '../core/frame.js';
import type { Detection } from '../core/results.js';

/** Boxes where they lie in a picture that was made smaller. */
export function atSize<D extends Detection>(detections: readonly D[], from: Size, to: Size): readonly D[] {
  if (from.width === to.width && from.height === to.height) return detections;
  const [across, down] = [to.width / from.width, to.height / from.height];
  return detections.map((detection) => {
    const [x1, y1, x2, y2] = detection.box;
    return { ...detection, box: [x1 * across, y1 * down, x2 * across, y2 * down] };
  });
}
