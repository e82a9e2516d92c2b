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
