/** How often things happen in a whole run, from its recipe alone. */
import { isValidationDue, type TrainLoop } from '../recipe/train_loop.js';

export interface RunCounts {
  readonly steps: number;
  /** undefined where training counts iterations alone. */
  readonly epochs: number | undefined;
  readonly validations: number;
}

/** @param epochLength iterations of one epoch. */
export function runCounts(loop: TrainLoop, epochLength: number): RunCounts {
  const { unit, length } = loop;
  let validations = 0;
  for (let done = 1; done <= length; done++) if (isValidationDue(loop, done)) validations++;
  return unit === 'epochs'
    ? { steps: length * epochLength, epochs: length, validations }
    : { steps: length, epochs: undefined, validations };
}
