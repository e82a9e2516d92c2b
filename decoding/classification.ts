import { LowformerError } from '../core/errors.js';
import type { Tensors } from '../core/tensor.js';
import { refuseNan } from './refuse_nan.js';

/**
 * The decoder of a classifier: softmax over the classes, in float64 from float32 logits.
 * @param where the head's type, for messages.
 * @returns for one picture of the batch, from the output `logits` [N, numClasses], its probabilities in class order, 0 to 1.
 *   It throws `engine-failure` when there is no such output, `not-a-number` where one is NaN.
 */
export function decodeClassification(
  where: string,
  numClasses: number,
): (outputs: Tensors, index: number) => Float32Array {
  return ({ logits }, index) => {
    const own = logits?.data.subarray(index * numClasses, (index + 1) * numClasses);
    if (own?.length === numClasses) {
      const probabilities = softmax(own);
      refuseNan(where, probabilities);
      return probabilities;
    }
    const expected = `an output 'logits' of ${numClasses} classes`;
    throw new LowformerError({ code: 'engine-failure', where, expected, received: own?.length });
  };
}

function softmax(logits: Float32Array): Float32Array {
  const largest = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const powers = Float64Array.from(logits, (value) => Math.exp(value - largest));
  const total = powers.reduce((a, b) => a + b, 0);
  return Float32Array.from(powers, (power) => power / total);
}
