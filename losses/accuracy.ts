import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import { arithmetic } from './arithmetic.js';

/** float32's, which keeps a batch without any label from dividing by zero. */
const EPSILON = 2 ** -23;

/**
 * Of the labels that count, the share that a prediction has right, in percent (mmseg's `acc_seg`): [1, 1, 1, 1].
 * @param prediction scores [N, classes, H, W]. @param labels [N, 1, H, W].
 */
export function accuracy(g: GraphBuilder, prediction: Value, labels: Value, ignored: number): Value {
  const { subtract, multiply, divide, affine, shift, scale, sum, equals } = arithmetic(g);
  const counts = affine(equals(labels, ignored), -1, 1);
  const right = equals(subtract(g.emit('argmaxChannels', [prediction], {}), labels), 0);
  return scale(divide(shift(sum(multiply(right, counts)), EPSILON), shift(sum(counts), EPSILON)), 100);
}
