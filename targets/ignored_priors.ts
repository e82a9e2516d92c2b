import { intersectionOverForeground } from '../geometry/iou.js';

/**
 * The priors that do not count, because more of them than `threshold` lies in a region where nobody says what is there.
 * @param ofRegion whether it is the region's share that counts, in the place of the prior's.
 * @returns 1 for those, else 0; undefined where there are none to find.
 */
export function ignoredPriors(
  priors: Float32Array,
  regions: Float32Array,
  threshold: number,
  ofRegion: boolean,
): Uint8Array | undefined {
  if (!(threshold > 0) || regions.length === 0) return undefined;
  const limit = Math.fround(threshold);
  const ignored = new Uint8Array(priors.length / 4);
  for (let j = 0; j < ignored.length; j++) {
    for (let i = 0; i < regions.length / 4; i++) {
      const share = ofRegion
        ? intersectionOverForeground(regions, i, priors, j)
        : intersectionOverForeground(priors, j, regions, i);
      if (share > limit) ignored[j] = 1;
    }
  }
  return ignored;
}
