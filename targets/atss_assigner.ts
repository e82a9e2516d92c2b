/**
 * Objects to the priors near their centres that overlap them more than others do (Zhang et al., arXiv 1912.02424,
 * algorithm 1), as mmdet 3's `ATSSAssigner`.
 */
import { z } from 'zod';
import { writeOverlaps } from '../geometry/iou.js';
import { selectTop } from '../geometry/ranking.js';
import { type Assigner, BACKGROUND, ignoreThreshold, NEITHER, overlapsSchema } from './assigner.js';
import { ignoredPriors } from './ignored_priors.js';

const f32 = Math.fround;

export const atssAssignerSchema = z.strictObject({
  topk: z.int().positive().describe('candidates of an object on each level'),
  alpha: z.null().default(null).describe('DDOD’s cost, which needs predictions, is not followed'),
  ignore_iof_thr: ignoreThreshold,
  iou_calculator: overlapsSchema,
});

export type AtssAssignerConfig = z.output<typeof atssAssignerSchema>;

/** The distance of priors that lie in ignored regions. */
const FAR = 100_000_000;
/** How far inside an object a prior's centre lies at least, in pixels. */
const INSIDE = f32(0.01);

export function createAtssAssigner({ topk, ignore_iof_thr }: AtssAssignerConfig): Assigner {
  return {
    assign(priors, levels, { boxes, ignored: regions }) {
      const count = priors.length / 4;
      const assigned = new Int32Array(count).fill(BACKGROUND);
      if (boxes.length === 0) return assigned;
      const ignored = ignoredPriors(priors, regions, ignore_iof_thr, false);
      if (ignored !== undefined) for (let j = 0; j < count; j++) if (ignored[j] === 1) assigned[j] = NEITHER;
      const best = new Float32Array(count).fill(Number.NEGATIVE_INFINITY);
      const overlaps = new Float32Array(count);
      const nearest = nearestPriors(priors, levels, ignored, topk);
      for (let i = 0; i < boxes.length / 4; i++) {
        writeOverlaps(overlaps, boxes, i, priors);
        const candidates = nearest(boxes, i);
        const threshold = meanAndDeviation(overlaps, candidates);
        for (const j of candidates) {
          const overlap = overlaps[j] ?? 0;
          if (!(overlap >= threshold) || !centreInside(priors, j, boxes, i)) continue;
          if (overlap > (best[j] ?? 0)) {
            best[j] = overlap;
            assigned[j] = i + 1;
          }
        }
      }
      return assigned;
    },
  };
}

/** The centre of a box along one axis. */
function centre(boxes: Float32Array, i: number, axis: number): number {
  return f32(f32((boxes[i * 4 + axis] ?? 0) + (boxes[i * 4 + axis + 2] ?? 0)) / 2);
}

/** On each level the priors whose centres are nearest to a box's; the result holds until the next call. */
function nearestPriors(
  priors: Float32Array,
  levels: readonly number[],
  ignored: Uint8Array | undefined,
  most: number,
): (boxes: Float32Array, i: number) => Int32Array {
  const largest = Math.max(0, ...levels);
  const [keys, ids] = [new Float32Array(largest), new Int32Array(largest)];
  const found = new Int32Array(levels.reduce((sum, level) => sum + Math.min(most, level), 0));
  return (boxes, i) => {
    const [x, y] = [centre(boxes, i, 0), centre(boxes, i, 1)];
    let start = 0;
    let at = 0;
    for (const level of levels) {
      for (let k = 0; k < level; k++) {
        const j = start + k;
        const across = f32(centre(priors, j, 0) - x);
        const down = f32(centre(priors, j, 1) - y);
        const distance = f32(Math.sqrt(f32(f32(across * across) + f32(down * down))));
        keys[k] = -(ignored !== undefined && ignored[j] === 1 ? FAR : distance);
        ids[k] = j;
      }
      const top = Math.min(most, level);
      if (top > 0) selectTop(keys, ids, level, top);
      for (let k = 0; k < top; k++) found[at++] = ids[k] ?? 0;
      start += level;
    }
    return found;
  };
}

/** The mean of some values and their standard deviation, that of a sample, together. NaN for a single value. */
function meanAndDeviation(values: Float32Array, which: Int32Array): number {
  let sum = 0;
  for (const j of which) sum += values[j] ?? 0;
  const mean = sum / which.length;
  let squares = 0;
  for (const j of which) squares += ((values[j] ?? 0) - mean) ** 2;
  return f32(f32(mean) + f32(Math.sqrt(squares / (which.length - 1))));
}

function centreInside(priors: Float32Array, j: number, boxes: Float32Array, i: number): boolean {
  for (let axis = 0; axis < 2; axis++) {
    const at = centre(priors, j, axis);
    if (!(f32(at - (boxes[i * 4 + axis] ?? 0)) > INSIDE)) return false;
    if (!(f32((boxes[i * 4 + axis + 2] ?? 0) - at) > INSIDE)) return false;
  }
  return true;
}
