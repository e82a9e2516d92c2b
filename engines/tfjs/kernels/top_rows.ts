import type * as tfjs from '@tensorflow/tfjs-core';
import { mapInput, type TensorFlow, type TfjsKernel } from '../kernel.js';

/** A map [N, H, W, A * C] as [N, H * W * A, C]: channels lie last here, and a prior's together. */
function perPrior(tf: TensorFlow, map: tfjs.Tensor4D, priors: number): tfjs.Tensor3D {
  const [n, h, w, c] = map.shape;
  return tf.reshape(map, [n, h * w * priors, c / priors]);
}

export const topRows: TfjsKernel<'topRows'> =
  ({ tf, attributes: { priors, most } }) =>
  (inputs) => {
    const scores = perPrior(tf, mapInput(inputs), priors);
    const says = perPrior(tf, mapInput(inputs, 1), priors);
    const largest = tf.scalar(3.4028234663852886e38);
    const finite = tf.lessEqual(tf.sum(scores, 2), largest);
    const ranks = tf.where(finite, tf.max(scores, 2), largest);
    const { indices } = tf.topk(ranks, Math.min(most, scores.shape[1]));
    // Pictures behind one another: the processor's backend takes batched gathers from the wrong picture.
    const [n, length] = scores.shape;
    const starts = tf.reshape(tf.range(0, n * length, length, 'int32'), [n, 1]);
    const at = tf.add(tf.cast(indices, 'int32'), starts);
    const rowsOf = (rows: tfjs.Tensor3D) => tf.gather(tf.reshape(rows, [n * length, rows.shape[2]]), at);
    const places = tf.expandDims(tf.cast(indices, 'float32'), 2);
    return tf.expandDims(tf.concat([places, rowsOf(scores), rowsOf(says)], 2), 2);
  };

export const joinRows: TfjsKernel<'joinRows'> =
  ({ tf }) =>
  (inputs) =>
    tf.concat([mapInput(inputs), mapInput(inputs, 1)], 1);
