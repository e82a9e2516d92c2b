/**
 * Boxes as the distances in pixels of their left, top, right and lower sides from a point (Tian et al., FCOS, arXiv
 * 1904.01355, equation 1). Follows mmdet 3's `DistancePointBBoxCoder` in float32.
 */
import { z } from 'zod';
import { type BoxCoder, checkLengths, clipBoxes } from './box_coder.js';

/** mmdet's keys. */
export const distancePointCoderSchema = z.strictObject({
  clip_border: z.boolean().default(true).describe('whether boxes end at the border of the picture'),
  use_box_type: z.boolean().default(false).describe('changes only a Python type: no effect here'),
});

/** A checked configuration of the coder. */
export type DistancePointCoderConfig = z.output<typeof distancePointCoderSchema>;

/** Deltas are left, top, right, bottom. */
export function createDistancePointCoder({ clip_border }: DistancePointCoderConfig): BoxCoder {
  return {
    priors: 'point',

    encode(points, boxes) {
      checkLengths('distance coder: encode', 'point', points, boxes);
      const distances = new Float32Array(boxes.length);
      for (let i = 0, point = 0; i < distances.length; i += 4, point += 2) {
        const x = points[point] ?? 0;
        const y = points[point + 1] ?? 0;
        distances[i] = x - (boxes[i] ?? 0);
        distances[i + 1] = y - (boxes[i + 1] ?? 0);
        distances[i + 2] = (boxes[i + 2] ?? 0) - x;
        distances[i + 3] = (boxes[i + 3] ?? 0) - y;
      }
      return distances;
    },

    decode(points, distances, { limits } = {}) {
      checkLengths('distance coder: decode', 'point', points, distances);
      const boxes = new Float32Array(distances.length);
      for (let i = 0, point = 0; i < boxes.length; i += 4, point += 2) {
        const x = points[point] ?? 0;
        const y = points[point + 1] ?? 0;
        boxes[i] = x - (distances[i] ?? 0);
        boxes[i + 1] = y - (distances[i + 1] ?? 0);
        boxes[i + 2] = x + (distances[i + 2] ?? 0);
        boxes[i + 3] = y + (distances[i + 3] ?? 0);
      }
      if (clip_border && limits !== undefined) clipBoxes(boxes, limits);
      return boxes;
    },
  };
}
