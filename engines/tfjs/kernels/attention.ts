import type * as tfjs from '@tensorflow/tfjs-core';
import { scoreScale } from '../../../graph/operations/attention.js';
import { type KernelContext, mapInput, type TensorFlow, type TfjsKernel } from '../kernel.js';

/** [N, H, W, parts * width] to [N, parts, H * W, width]. */
function apart(tf: TensorFlow, x: tfjs.Tensor4D, parts: number, width: number): tfjs.Tensor4D {
  const [n, h, w] = x.shape;
  return tf.transpose(tf.reshape<tfjs.Rank.R4>(x, [n, h * w, parts, width]), [0, 2, 1, 3]);
}

/** [N, heads, H * W, headDim] to the map [N, H, W, heads * headDim]. */
function together(tf: TensorFlow, x: tfjs.Tensor4D, [n, h, w]: readonly number[]): tfjs.Tensor {
  const [, heads, , headDim] = x.shape;
  return tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [n ?? 0, h ?? 0, w ?? 0, heads * headDim]);
}

/** softmax(q kᵀ · scale) v of [N, heads, pixels, headDim]. */
function attend(
  tf: TensorFlow,
  [query, key, value]: readonly [tfjs.Tensor4D, tfjs.Tensor4D, tfjs.Tensor4D],
  scale: number,
): tfjs.Tensor4D {
  const scores = tf.mul(tf.matMul(query, key, false, true), scale);
  return tf.matMul(tf.softmax(scores, -1), value);
}

type SelfAttention = 'attention' | 'linearAttention';

/** Queries, keys and values, each [N, heads, pixels, headDim]. */
function roles(
  { tf, attributes: { heads, headDim } }: Pick<KernelContext<SelfAttention>, 'tf' | 'attributes'>,
  x: tfjs.Tensor4D,
  layout: 'headFirst' | 'roleFirst',
): readonly [tfjs.Tensor4D, tfjs.Tensor4D, tfjs.Tensor4D] {
  const parts = layout === 'headFirst' ? apart(tf, x, heads, 3 * headDim) : apart(tf, x, 3 * heads, headDim);
  const [query = parts, key = parts, value = parts] = tf.split<tfjs.Tensor4D>(parts, 3, layout === 'headFirst' ? 3 : 1);
  return [query, key, value];
}

export const attention: TfjsKernel<'attention'> = (context) => (inputs) => {
  const { tf, attributes } = context;
  const x = mapInput(inputs);
  return together(tf, attend(tf, roles(context, x, attributes.layout ?? 'headFirst'), scoreScale(attributes)), x.shape);
};

export const crossAttention: TfjsKernel<'crossAttention'> =
  ({ tf, attributes }) =>
  (inputs) => {
    const { heads, headDim } = attributes;
    const queries = mapInput(inputs);
    const query = apart(tf, queries, heads, headDim);
    const keysValues = apart(tf, mapInput(inputs, 1), 2 * heads, headDim);
    const [key = keysValues, value = keysValues] = tf.split<tfjs.Tensor4D>(keysValues, 2, 1);
    return together(tf, attend(tf, [query, key, value], scoreScale(attributes)), queries.shape);
  };

export const linearAttention: TfjsKernel<'linearAttention'> = (context) => (inputs) => {
  const { tf, attributes } = context;
  const x = mapInput(inputs);
  const [query, key, value] = roles(context, x, 'headFirst');
  const [queries, keys] = [tf.relu(query), tf.relu(key)];
  const above = tf.matMul(queries, tf.matMul(keys, value, true, false));
  const below = tf.matMul(queries, tf.sum(keys, 2, true), false, true);
  return together(tf, tf.div(above, tf.add(below, attributes.epsilon)), x.shape);
};
