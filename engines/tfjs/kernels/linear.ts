import type * as tfjs from '@tensorflow/tfjs-core';
import { first } from '../../../graph/operations/operation.js';
import { anyInput, keptBias, type TfjsKernel } from '../kernel.js';

/** torch.nn.Linear, on the pixels of a map as on a vector: both have their channels last. Weights [out, in] become [in, out]. */
export const linear: TfjsKernel<'linear'> = (context) => {
  const { tf, attributes, node, parameter, keep } = context;
  const { out } = attributes;
  const { channels } = first(node.inputs);
  const weight = keep(() => tf.transpose(tf.reshape<tfjs.Rank.R2>(parameter('weight'), [out, channels])));
  const bias = keptBias(context);
  return (inputs) => {
    const x = anyInput(inputs);
    const rows = tf.reshape<tfjs.Rank.R2>(x, [-1, channels]);
    const y = tf.matMul(rows, weight);
    return tf.reshape(bias === undefined ? y : tf.add(y, bias), [...x.shape.slice(0, -1), out]);
  };
};
