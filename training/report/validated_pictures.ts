/** What a page keeps of a validation: a few pictures to look at, and the figures that `analyse` makes of all. */
import type { Section } from '../../analysis/page/html.js';
import type { TrainingTime, ValidatedPicture } from '../validation/validation.js';

/** One validation as it goes on. */
export interface PicturesOfValidation {
  add(picture: ValidatedPicture): Promise<void>;
  /** After the last picture. */
  sections(): Promise<readonly Section[]>;
}

/** A validation that is over. */
export interface FinishedValidation {
  readonly at: TrainingTime;
  readonly sections: () => Promise<readonly Section[]>;
}

/** Pictures whose predictions are shown beside the truth. */
const SAMPLES = 8;
/** Pictures that `analyse` would show as the worst. */
export const WORST = 8;

/** Places of the samples: evenly spread, the same in every validation. */
export function samplePlaces(pictures: number): ReadonlySet<number> {
  const count = Math.min(SAMPLES, pictures);
  return new Set(Array.from({ length: count }, (_, i) => Math.floor(((i + 0.5) * pictures) / count)));
}
