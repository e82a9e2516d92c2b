import type * as tfjs from '@tensorflow/tfjs-core';
import { anyInput, mapInput, type TensorFlow, type TfjsKernel } from '../../kernel.js';
import { pixelMean } from '../normalisation.js';

/** Mean over batch and pixels, [C]. */
function mean(tf: TensorFlow, x: tfjs.Tensor4D): tfjs.Tensor {
  return tf.mean(pixelMean(tf, x), 0);
}

function variance(tf: TensorFlow, x: tfjs.Tensor4D): tfjs.Tensor {
  return mean(tf, tf.square(tf.sub<tfjs.Tensor4D>(x, mean(tf, x))));
}

export const batchNormOfBatch: TfjsKernel<'batchNormOfBatch'> = ({ tf, attributes: { epsilon }, parameter, keep }) => {
  const [weight, bias] = [keep(() => tf.clone(parameter('weight'))), keep(() => tf.clone(parameter('bias')))];
  return (inputs) => {
    const x = mapInput(inputs);
    const gain = tf.mul(tf.rsqrt(tf.add(variance(tf, x), epsilon)), weight);
    return tf.add(tf.mul(tf.sub(x, mean(tf, x)), gain), bias);
  };
};

export const batchMean: TfjsKernel<'batchMean'> =
  ({ tf }) =>
  (inputs) =>
    mean(tf, mapInput(inputs));

export const batchVariance: TfjsKernel<'batchVariance'> =
  ({ tf }) =>
  (inputs) => {
    const x = mapInput(inputs);
    const [n, h, w] = x.shape;
    const count = n * h * w;
    return tf.mul(variance(tf, x), count / (count - 1));
  };

export const movingAverage: TfjsKernel<'movingAverage'> = ({ tf, attributes: { momentum }, parameter, keep }) => {
  const kept = keep(() => tf.mul(parameter('running'), 1 - momentum));
  return (inputs) => tf.add(kept, tf.mul(anyInput(inputs), momentum));
};
