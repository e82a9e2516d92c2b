/** Outputs that are no numbers: decoded as they are, they would read as "nothing found". */
import { LowformerError } from '../core/errors.js';

/**
 * What is said of a picture for which the network gave NaN: no result, rather than an empty one.
 * @param where the output, or the head.
 */
export function nanError(where: string): LowformerError {
  return new LowformerError({
    code: 'not-a-number',
    where,
    expected: 'numbers from the network',
    received: Number.NaN,
    hint: 'A weight may be NaN or infinite, or values are too large for float16: try float32.',
  });
}

/** @throws {LowformerError} `not-a-number` where one of the values is NaN. */
export function refuseNan(where: string, values: Float32Array): void {
  // A sum is NaN where one of its terms is; four of them, since each addition waits for the one before.
  let [a, b, c, d] = [0, 0, 0, 0];
  const end = values.length - 3;
  let i = 0;
  for (; i < end; i += 4) {
    a += values[i] ?? 0;
    b += values[i + 1] ?? 0;
    c += values[i + 2] ?? 0;
    d += values[i + 3] ?? 0;
  }
  for (; i < values.length; i++) a += values[i] ?? 0;
  // Infinities of both signs give NaN, too.
  if (Number.isNaN(a + b + c + d) && values.some(Number.isNaN)) throw nanError(where);
}
