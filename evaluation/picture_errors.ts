/** Errors of two runs picture by picture, at overlap 0.5. */
import { FALSE_SHIFT } from './coco_matching.js';
import { bestThreshold } from './score_profile.js';
import type { MatchedDetections } from './weighted_ap.js';

/** Errors at overlap 0.5: wrong detections, and objects not found, each run at its own threshold. */
export interface PictureDifference {
  readonly imageId: number;
  readonly ours: number;
  readonly against: number;
}

/**
 * Right and wrong detections by picture, each run at the threshold of its best F1 over all classes.
 * @param runs, objectsOf by category; objects as picture, count, picture, count, …
 */
export function countPictureErrors(
  runs: { readonly ours: readonly MatchedDetections[]; readonly against: readonly MatchedDetections[] },
  objectsOf: readonly (readonly number[])[],
  pictures: number,
) {
  const objects = new Float64Array(pictures);
  for (const list of objectsOf) {
    for (let i = 0; i < list.length; i += 2) {
      const picture = list[i] ?? 0;
      objects[picture] = (objects[picture] ?? 0) + (list[i + 1] ?? 0);
    }
  }
  const total = objects.reduce((sum, count) => sum + count, 0);
  const counted = (matched: readonly MatchedDetections[]) => {
    const counts = matched.flatMap(({ scores, pictures: places, bits }) =>
      scores.flatMap((score, i) => {
        const own = bits[i] ?? 0;
        const right = (own & 1) === 1;
        return right || (own >> FALSE_SHIFT) & 1 ? [{ score, right, picture: places[i] ?? 0 }] : [];
      }),
    );
    const best = bestThreshold({
      scores: counts.map(({ score }) => score),
      right: counts.map(({ right }) => right),
      objects: total,
    });
    const threshold = best?.threshold ?? Number.POSITIVE_INFINITY;
    const [right, wrong] = [new Float64Array(pictures), new Float64Array(pictures)];
    for (const detection of counts) {
      if (detection.score < threshold) continue;
      const list = detection.right ? right : wrong;
      list[detection.picture] = (list[detection.picture] ?? 0) + 1;
    }
    return { threshold: best?.threshold ?? null, right, wrong };
  };
  const sides = { ours: counted(runs.ours), against: counted(runs.against) };
  const errorsAt = (side: 'ours' | 'against', picture: number) =>
    (sides[side].wrong[picture] ?? 0) + (objects[picture] ?? 0) - (sides[side].right[picture] ?? 0);
  return {
    thresholds: { ours: sides.ours.threshold, against: sides.against.threshold },
    /** @param weights by rank. */
    f1(side: 'ours' | 'against', weights: Int32Array, order: Uint32Array): number {
      const { right, wrong } = sides[side];
      let [found, errors] = [0, 0];
      for (let picture = 0; picture < pictures; picture++) {
        const weight = weights[order[picture] ?? 0] ?? 0;
        if (weight === 0) continue;
        const own = right[picture] ?? 0;
        found += weight * own;
        errors += weight * ((wrong[picture] ?? 0) + (objects[picture] ?? 0) - own);
      }
      return (2 * found) / (2 * found + errors);
    },
    pictures(imageIds: readonly number[]) {
      const all = imageIds.map((imageId, picture) => ({
        imageId,
        ours: errorsAt('ours', picture),
        against: errorsAt('against', picture),
      }));
      const gain = (one: PictureDifference) => one.against - one.ours;
      const changed = all.filter((one) => gain(one) !== 0).sort((a, b) => gain(b) - gain(a));
      const better = changed.filter((one) => gain(one) > 0).length;
      return { better, worse: changed.length - better, same: all.length - changed.length, changed };
    },
  };
}
