/** What a validation takes, from its first pictures. */
import type { Tensors } from '../../core/tensor.js';
import type { Validate, ValidationWatcher } from '../validation/validation.js';

export interface ValidationTime {
  /** Of the validation set. */
  readonly pictures: number;
  /** Of one whole validation. */
  readonly seconds: number;
}

/** So many pictures are looked at, or as many as this time allows. */
const MOST_PICTURES = 16;
const LONGEST_MS = 10_000;

/** A validation that is watched, and given up when enough is known. */
export interface TimedValidation {
  /** For `openValidation`. */
  readonly watcher: ValidationWatcher;
  /** @throws {LowformerError} as the validation. */
  measure(validate: Validate, weights: Tensors): Promise<ValidationTime>;
}

export function timedValidation(): TimedValidation {
  const enough = new AbortController();
  let pictures = 0;
  let seen = 0;
  let begun = 0;
  let last = 0;
  return {
    watcher: {
      started(_, count) {
        pictures = count;
        begun = performance.now();
      },
      picture() {
        seen++;
        last = performance.now();
        if (seen >= MOST_PICTURES || last - begun > LONGEST_MS) enough.abort();
      },
    },
    async measure(validate, weights) {
      const start = performance.now();
      try {
        await validate(weights, { epoch: 1, iteration: 0 }, enough.signal);
      } catch (error) {
        if (error !== enough.signal.reason) throw error;
      }
      const opening = begun - start;
      const each = seen === 0 ? 0 : (last - begun) / seen;
      return { pictures, seconds: (opening + each * pictures) / 1000 };
    },
  };
}
