import type * as tfjs from '@tensorflow/tfjs-core';
import { anyInput, type KernelContext, mapInput, type TensorFlow, type TfjsKernel } from '../kernel.js';

/** Running statistics and learned factors as one factor and one shift a channel. */
export const batchNorm: TfjsKernel<'batchNorm'> = ({ tf, attributes: { epsilon }, parameter, keep }) => {
  const gain = () => tf.div(parameter('weight'), tf.sqrt(tf.add(parameter('running_var'), epsilon)));
  const factor = keep(gain);
  const shift = keep(() => tf.sub(parameter('bias'), tf.mul(parameter('running_mean'), gain())));
  return (inputs) => tf.add(tf.mul(mapInput(inputs), factor), shift);
};

export const groupNorm: TfjsKernel<'groupNorm'> = (context) => {
  const { tf, attributes, node } = context;
  const { groups, epsilon } = attributes;
  const { weight, bias } = affine(context);
  const width = node.output.channels / groups;
  return (inputs) => {
    const x = mapInput(inputs);
    const [n, , , channels] = x.shape;
    /** The mean of each group [N, 1, 1, C], every channel of a group with the same. */
    const groupMean = (values: tfjs.Tensor4D): tfjs.Tensor4D => {
      const means = tf.mean(tf.reshape(pixelMean(tf, values), [n, groups, width]), 2, true);
      return tf.reshape(tf.tile(means, [1, 1, width]), [n, 1, 1, channels]);
    };
    const centred = tf.sub<tfjs.Tensor4D>(x, groupMean(x));
    const variance = groupMean(tf.square(centred));
    const normal = tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon)));
    return tf.add(tf.mul(normal, weight), bias);
  };
};

/** Over rows first and columns then: a sum of all pixels in one go would lose the last digits of float32. */
export function pixelMean(tf: TensorFlow, x: tfjs.Tensor4D): tfjs.Tensor {
  return tf.mean(tf.mean(x, 2), 1);
}

export const layerNorm: TfjsKernel<'layerNorm'> = (context) => {
  const { tf, attributes } = context;
  const { weight, bias } = affine(context);
  return (inputs) => {
    const x = anyInput(inputs);
    // Channels come last in maps as in vectors.
    const { mean, variance } = tf.moments(x, x.rank - 1, true);
    const normal = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, attributes.epsilon)));
    return tf.add(tf.mul(normal, weight), bias);
  };
};

export const globalResponseNorm: TfjsKernel<'globalResponseNorm'> = (context) => {
  const { tf, attributes } = context;
  const { weight, bias } = affine(context);
  return (inputs) => {
    const x = mapInput(inputs);
    // Over rows first and columns then, as `pixelMean`.
    const norms = tf.sqrt(tf.sum(tf.sum(tf.square(x), 2, true), 1, true));
    const response = tf.div(norms, tf.add(tf.mean(norms, 3, true), attributes.epsilon));
    return tf.add(x, tf.add(tf.mul(x, tf.mul(response, weight)), bias));
  };
};

function affine({ tf, parameter, keep }: Pick<KernelContext<'layerNorm'>, 'tf' | 'parameter' | 'keep'>) {
  return { weight: keep(() => tf.clone(parameter('weight'))), bias: keep(() => tf.clone(parameter('bias'))) };
}
