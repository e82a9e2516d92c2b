import type * as tfjs from '@tensorflow/tfjs-core';
import { mapInput, type TfjsKernel } from '../kernel.js';
import { pixelMean } from './normalisation.js';

/** Less than any value that a network computes, and finite: 0 * -Infinity would be NaN in a gradient. */
const LEAST = -3.4e38;

/** Padding is written out, since not every backend pads by itself; nor does every one pool a single pixel. */
export const maxPool: TfjsKernel<'maxPool'> =
  ({ tf, attributes: { kernel, stride, pad } }) =>
  (inputs) => {
    const x = mapInput(inputs);
    const [n, h, w, c] = x.shape;
    if (kernel === 1 && pad === 0) return tf.stridedSlice(x, [0, 0, 0, 0], [n, h, w, c], [1, stride, stride, 1]);
    const sides: [number, number] = [pad, pad];
    const padded = pad === 0 ? x : tf.pad(x, [[0, 0], sides, sides, [0, 0]], LEAST);
    return tf.maxPool(padded, kernel, stride, 'valid');
  };

/** Zeros behind the map, and means of the windows that hold some made those of the pixels that are there. */
export const averagePool: TfjsKernel<'averagePool'> =
  ({ tf, attributes: { kernel } }) =>
  (inputs) => {
    const x = mapInput(inputs);
    const [, h, w] = x.shape;
    const missing = (size: number): [number, number] => [0, Math.ceil(size / kernel) * kernel - size];
    const padded = tf.pad(x, [[0, 0], missing(h), missing(w), [0, 0]]);
    const means = tf.avgPool(padded, kernel, kernel, 'valid');
    if (padded.shape.join() === x.shape.join()) return means;
    const rows = tf.tensor(windowShares(h, kernel), [1, Math.ceil(h / kernel), 1, 1]);
    const columns = tf.tensor(windowShares(w, kernel), [1, 1, Math.ceil(w / kernel), 1]);
    return tf.mul<tfjs.Tensor4D>(tf.mul(means, rows), columns);
  };

/** For each window along one side, its length over that of the part which lies on the map. */
function windowShares(size: number, kernel: number): Float32Array {
  return Float32Array.from(
    { length: Math.ceil(size / kernel) },
    (_, i) => kernel / Math.min(kernel, size - i * kernel),
  );
}

/** Zeros around the map, and means made those of the pixels that are there. */
export const averageAround: TfjsKernel<'averageAround'> =
  ({ tf, attributes: { kernel } }) =>
  (inputs) => {
    const x = mapInput(inputs);
    const [, h, w] = x.shape;
    const half = kernel >> 1;
    const sides: [number, number] = [half, half];
    const means = tf.avgPool(tf.pad(x, [[0, 0], sides, sides, [0, 0]]), kernel, 1, 'valid');
    const shares = (size: number) =>
      Float32Array.from({ length: size }, (_, i) => kernel / (Math.min(size, i + half + 1) - Math.max(0, i - half)));
    const [rows, columns] = [tf.tensor(shares(h), [1, h, 1, 1]), tf.tensor(shares(w), [1, 1, w, 1])];
    return tf.mul(tf.mul(means, rows), columns);
  };

export const averageToPixel: TfjsKernel<'averageToPixel'> =
  ({ tf }) =>
  (inputs) => {
    const x = mapInput(inputs);
    const [n, , , c] = x.shape;
    return tf.reshape(pixelMean(tf, x), [n, 1, 1, c]);
  };

export const globalAveragePool: TfjsKernel<'globalAveragePool'> =
  ({ tf }) =>
  (inputs) =>
    pixelMean(tf, mapInput(inputs));
