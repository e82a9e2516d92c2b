/** Boxes of several looks at a picture as one list: mmdet's `DetTTAModel`. */
import { z } from 'zod';
import type { DecodedBoxes } from '../registry/define.js';
import { createPart } from '../registry/part_schema.js';
import { SUPPRESSIONS, suppressionSchema } from './suppressions.js';

/** mmdet's `tta_cfg`, with the defaults of its `tools/test.py`. */
export const mergeSchema = z.strictObject({
  nms: suppressionSchema.prefault({ type: 'nms', iou_threshold: 0.5 }),
  max_per_img: z.int().default(100).describe('boxes at most; negative as in a Python slice'),
});

/** A checked `tta_cfg`. */
export type MergeConfig = z.output<typeof mergeSchema>;

/**
 * One more suppression over the boxes of all looks, each with its own score: none is averaged.
 * @param looks in original pixels, mirrored back; of equal scores the earlier look's box comes first.
 * @returns by score descending.
 */
export function mergeBoxes(looks: readonly DecodedBoxes[], { nms, max_per_img }: MergeConfig): DecodedBoxes {
  const all = {
    boxes: Float32Array.from(looks.flatMap(({ boxes }) => [...boxes])),
    scores: Float32Array.from(looks.flatMap(({ scores }) => [...scores])),
    labels: Int32Array.from(looks.flatMap(({ labels }) => [...labels])),
  };
  const limit = max_per_img < 0 ? Number.POSITIVE_INFINITY : max_per_img;
  const { indices, scores } = createPart(SUPPRESSIONS, nms).suppress(all.boxes, all.scores, all.labels, limit);
  const end = max_per_img < 0 ? Math.max(0, indices.length + max_per_img) : Math.min(indices.length, max_per_img);
  const kept = indices.subarray(0, end);
  return {
    boxes: Float32Array.from([...kept].flatMap((i) => [...all.boxes.subarray(4 * i, 4 * i + 4)])),
    scores: scores.slice(0, end),
    labels: kept.map((i) => all.labels[i] ?? 0),
  };
}
