/** What a model found, as marks. */
import type { Detection } from '../core/results.js';
import type { MarkedObject } from './marked.js';

/** Boxes with their scores. */
export function markedDetections(detections: readonly Detection[]): readonly MarkedObject[] {
  return detections.map(({ box: [x1, y1, x2, y2], score, classIndex }) => ({
    id: undefined,
    classIndex,
    box: [x1, y1, x2 - x1, y2 - y1],
    area: undefined,
    score,
    crowd: false,
    difficult: false,
  }));
}
