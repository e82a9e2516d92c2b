/**
 * Objects to the priors that overlap them (Ren et al., Faster R-CNN, arXiv 1506.01497, section 3.1.2), as mmdet 3's
 * `MaxIoUAssigner`. Thresholds and overlaps are compared in float32, as there.
 */
import { z } from 'zod';
import { writeOverlaps } from '../geometry/iou.js';
import { type Assigner, BACKGROUND, ignoreThreshold, NEITHER, overlapsSchema } from './assigner.js';
import { ignoredPriors } from './ignored_priors.js';

export const maxIouAssignerSchema = z.strictObject({
  pos_iou_thr: z.number().describe('a prior is an object’s from this overlap on'),
  neg_iou_thr: z
    .union([
      z.number(),
      z.strictObject({ min: z.number(), max: z.number() }).readonly(),
      z.tuple([z.number(), z.number()]).readonly(),
    ])
    .describe('and background below this one, or from min up to max; by a list nothing is, as in mmdet'),
  min_pos_iou: z.number().default(0).describe('smallest overlap that makes an object’s best prior its own'),
  gt_max_assign_all: z.boolean().default(true).describe('whether of equally good priors all become the object’s'),
  ignore_iof_thr: ignoreThreshold,
  ignore_wrt_candidates: z.boolean().default(true).describe('whether it is a share of the prior, not of the region'),
  match_low_quality: z.boolean().default(true).describe('whether an object’s best priors are its own in any case'),
  gpu_assign_thr: z.number().default(-1).describe('where mmdet computes: no effect here'),
  iou_calculator: overlapsSchema,
  perm_repeat_gt_cfg: z.null().default(null),
});

export type MaxIouAssignerConfig = z.output<typeof maxIouAssignerSchema>;

export function createMaxIouAssigner(config: MaxIouAssignerConfig): Assigner {
  const { neg_iou_thr: negative, ignore_iof_thr, ignore_wrt_candidates } = config;
  const { min, max } = backgroundBounds(negative);
  const positive = Math.fround(config.pos_iou_thr);

  return {
    assign(priors, _levels, { boxes, ignored: regions }) {
      const assigned = new Int32Array(priors.length / 4).fill(BACKGROUND);
      if (boxes.length === 0) return assigned;
      const ignored = ignoredPriors(priors, regions, ignore_iof_thr, !ignore_wrt_candidates);
      const { best, whose, claimed } = bestOverlaps(priors, boxes, ignored, config);
      for (let j = 0; j < assigned.length; j++) {
        const overlap = best[j] ?? 0;
        let object = NEITHER;
        if (overlap >= min && overlap < max) object = BACKGROUND;
        if (overlap >= positive) object = (whose[j] ?? 0) + 1;
        // An object's claim stands above what the prior itself overlaps most.
        assigned[j] = claimed[j] || object;
      }
      return assigned;
    },
  };
}

/**
 * The overlaps of background. mmdet asks whether the threshold is a Python tuple: of a list, which is what configs have
 * once they were JSON, it takes no notice, and no prior is background.
 */
function backgroundBounds(threshold: MaxIouAssignerConfig['neg_iou_thr']): { min: number; max: number } {
  if (typeof threshold === 'number') return { min: 0, max: Math.fround(threshold) };
  if ('min' in threshold) return { min: Math.fround(threshold.min), max: Math.fround(threshold.max) };
  return { min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY };
}

/**
 * One object after another, with the overlaps of one at a time in memory.
 * @returns for each prior its largest overlap, the index of the first object that has it, and which object claims the
 *   prior as its best, counted from 1: the last that does. 0 for none.
 */
function bestOverlaps(
  priors: Float32Array,
  boxes: Float32Array,
  ignored: Uint8Array | undefined,
  config: MaxIouAssignerConfig,
) {
  const count = priors.length / 4;
  const least = Math.fround(config.min_pos_iou);
  const overlaps = new Float32Array(count);
  const best = new Float32Array(count).fill(Number.NEGATIVE_INFINITY);
  const [whose, claimed] = [new Int32Array(count), new Int32Array(count)];
  for (let i = 0; i < boxes.length / 4; i++) {
    writeOverlaps(overlaps, boxes, i, priors);
    let largest = Number.NEGATIVE_INFINITY;
    let first = 0;
    for (let j = 0; j < count; j++) {
      if (ignored !== undefined && ignored[j] === 1) overlaps[j] = -1;
      const overlap = overlaps[j] ?? 0;
      if (overlap > largest) {
        largest = overlap;
        first = j;
      }
      if (overlap > (best[j] ?? 0)) {
        best[j] = overlap;
        whose[j] = i;
      }
    }
    if (!config.match_low_quality || largest < least) continue;
    if (!config.gt_max_assign_all) claimed[first] = i + 1;
    else for (let j = 0; j < count; j++) if (overlaps[j] === largest) claimed[j] = i + 1;
  }
  return { best, whose, claimed };
}
