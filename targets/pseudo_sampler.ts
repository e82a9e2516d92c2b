/** Which of the assigned priors take part: with mmdet 3's `PseudoSampler` all that are background or an object's. */
import { z } from 'zod';

export interface Sampler {
  /** What a picture adds to the losses' averaging factor. @param positives priors of objects. */
  averageFactor(positives: number): number;
}

export const pseudoSamplerSchema = z.strictObject({ context: z.null().optional().describe('no effect') });

/** A picture without an object counts as one with a single prior. */
export function createPseudoSampler(): Sampler {
  return { averageFactor: (positives) => Math.max(1, positives) };
}
