import type * as tfjs from '@tensorflow/tfjs-core';
import { first } from '../../../graph/operations/operation.js';
import { anyInput, type TfjsKernel } from '../kernel.js';

/** torch.nn.Linear, on the pixels of a map as on a vector: both have their channels last. Weights [out, in] become [in, out]. */
export const linear: TfjsKernel<'linear'> = ({ tf, attributes: { out, bias: hasBias }, node, parameter, keep }) => {
  const { channels } = first(node.inputs);
  const weight = keep(() => tf.transpose(tf.reshape<tfjs.Rank.R2>(parameter('weight'), [out, channels])));
  const bias = hasBias ? keep(() => tf.clone(parameter('bias'))) : undefined;
  return (inputs) => {
    const x = anyInput(inputs);
    const rows = tf.reshape<tfjs.Rank.R2>(x, [-1, channels]);
    const y = tf.matMul(rows, weight);
    return tf.reshape(bias === undefined ? y : tf.add(y, bias), [...x.shape.slice(0, -1), out]);
  };
};
