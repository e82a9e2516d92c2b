import type * as tfjs from '@tensorflow/tfjs-core';
import { first } from '../../../graph/operations/operation.js';
import { anyInput, keptBias, type TensorFlow, type TfjsKernel, type TfTensor } from '../kernel.js';

/** torch.nn.Linear, on the pixels of a map as on a vector: both have their channels last. Weights [out, in] become [in, out]. */
export const linear: TfjsKernel<'linear'> = (context) => {
  const { tf, attributes, node, parameter, keep } = context;
  const { channels } = first(node.inputs);
  const weight = keep(() => tf.transpose(tf.reshape<tfjs.Rank.R2>(parameter('weight'), [attributes.out, channels])));
  return affine(tf, weight, keptBias(context));
};

/** The rows of a packed weight, laid out as those of a layer of its own. */
export const packedLinear: TfjsKernel<'packedLinear'> = ({ tf, attributes, node, parameter, keep }) => {
  const { out, first: from, bias } = attributes;
  const { channels } = first(node.inputs);
  const weight = keep(() =>
    tf.transpose(
      tf.slice2d(
        tf.reshape<tfjs.Rank.R2>(parameter('weight'), [attributes.rows, channels]),
        [from, 0],
        [out, channels],
      ),
    ),
  );
  return affine(tf, weight, bias ? keep(() => tf.slice(parameter('bias'), from, out)) : undefined);
};

/** x weight + bias over the last axis; weight [in, out]. */
function affine(tf: TensorFlow, weight: tfjs.Tensor2D, bias: TfTensor | undefined) {
  const [channels, out] = weight.shape;
  return (inputs: readonly TfTensor[]): TfTensor => {
    const x = anyInput(inputs);
    const y = tf.matMul(tf.reshape<tfjs.Rank.R2>(x, [-1, channels]), weight);
    return tf.reshape(bias === undefined ? y : tf.add(y, bias), [...x.shape.slice(0, -1), out]);
  };
}
