/** Which prior speaks of which object, while a detector is trained. */
import { z } from 'zod';

export interface ObjectBoxes {
  /** `[objects, 4]`: x1, y1, x2, y2 in pixels of the network's input. */
  readonly boxes: Float32Array;
  /** Regions `[regions, 4]` where nobody says what is there: crowds. */
  readonly ignored: Float32Array;
}

/** What an assigner says of a prior that is neither background nor an object's. */
export const NEITHER = -1;
export const BACKGROUND = 0;

export interface Assigner {
  /**
   * @param priors boxes `[priors, 4]` of all levels, finest first.
   * @param levels how many of them each level has.
   * @returns for each prior NEITHER, BACKGROUND, or n for the n-th object, counted from 1.
   */
  assign(priors: Float32Array, levels: readonly number[], objects: ObjectBoxes): Int32Array;
}

/** mmdet's measure of overlap; there is one. */
export const overlapsSchema = z
  .strictObject({ type: z.literal('BboxOverlaps2D') })
  .default({ type: 'BboxOverlaps2D' })
  .describe('how overlap is measured: as IoU');

export const ignoreThreshold = z
  .number()
  .default(-1)
  .describe('priors whose share in an ignored region exceeds it do not count; negative: none');
