import type * as tfjs from '@tensorflow/tfjs-core';
import { first } from '../../../graph/operations/operation.js';
import { anyInput, keptBias, type TfjsKernel } from '../kernel.js';

/** Windows are gathered next to one another, the border as one more row, of zeros; weights [out, C, k, k] become [k * k * C, out]. */
export const convAt: TfjsKernel<'convAt'> = (context) => {
  const { tf, attributes, node, parameter, keep } = context;
  const { out, kernel } = attributes;
  const { channels } = first(node.inputs);
  const weight = keep(() => {
    const turned = tf.transpose(tf.reshape(parameter('weight'), [out, channels, kernel, kernel]), [2, 3, 1, 0]);
    return tf.reshape<tfjs.Rank.R2>(turned, [kernel ** 2 * channels, out]);
  });
  const bias = keptBias(context);
  return (inputs) => {
    const bordered = tf.concat([anyInput(inputs, 0), tf.zeros([1, channels])], 0);
    const places = tf.cast(anyInput(inputs, 1), 'int32');
    const windows = tf.reshape<tfjs.Rank.R2>(tf.gather(bordered, places, 0), [-1, kernel ** 2 * channels]);
    const product = tf.matMul(windows, weight);
    return bias === undefined ? product : tf.add(product, bias);
  };
};
