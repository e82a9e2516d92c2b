import { anyInput, mapInput, type TfjsKernel } from '../../kernel.js';
import { gelu, hardswish, sigmoid, silu } from '../elementwise.js';
import { derived } from './derived.js';

/** By TensorFlow.js where its own gradients are torch's; the clipped ones it would have otherwise at the kinks. */
export const activationGradient: TfjsKernel<'activationGradient'> = (context) => {
  const { tf, attributes } = context;
  switch (attributes.of) {
    case 'gelu':
      return derived('gelu', gelu, 0)({ ...context, attributes: { approximate: attributes.approximate } });
    case 'sigmoid':
      return derived('sigmoid', sigmoid, 0)({ ...context, attributes: {} });
    case 'silu':
      return derived('silu', silu, 0)({ ...context, attributes: {} });
    case 'hardswish':
      return derived('hardswish', hardswish, 0)({ ...context, attributes: {} });
    case 'relu':
    case 'relu6': {
      const most = attributes.of === 'relu' ? Number.POSITIVE_INFINITY : 6;
      return (inputs) => {
        const x = anyInput(inputs);
        const positive = tf.cast(tf.greater(x, 0), 'float32');
        const inside = most === 6 ? tf.mul(positive, tf.cast(tf.less(x, 6), 'float32')) : positive;
        return tf.mul(anyInput(inputs, 1), inside);
      };
    }
  }
};

export const onesLike: TfjsKernel<'onesLike'> =
  ({ tf }) =>
  (inputs) =>
    tf.onesLike(anyInput(inputs));

/** Over one axis after the other: a sum of all pixels in one go would lose the last digits of float32. */
export const channelSum: TfjsKernel<'channelSum'> =
  ({ tf }) =>
  (inputs) => {
    let sum = anyInput(inputs);
    while (sum.rank > 1) sum = tf.sum(sum, sum.rank - 2);
    return sum;
  };

export const reshapeWeight: TfjsKernel<'reshapeWeight'> =
  ({ tf, attributes: { shape } }) =>
  (inputs) =>
    tf.reshape(anyInput(inputs), [...shape]);

export const sumOfWeight: TfjsKernel<'sumOfWeight'> =
  ({ tf }) =>
  (inputs) =>
    tf.sum(anyInput(inputs));

export const sumToPixel: TfjsKernel<'sumToPixel'> =
  ({ tf }) =>
  (inputs) =>
    tf.sum(tf.sum(mapInput(inputs), 2, true), 1, true);
