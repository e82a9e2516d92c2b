import type * as tfjs from '@tensorflow/tfjs-core';
import { adaptiveWindows } from '../../../graph/operations/adaptive_pooling.js';
import { mapInput, type TensorFlow, type TfjsKernel } from '../kernel.js';

export const adaptiveMaxPoolLike: TfjsKernel<'adaptiveMaxPoolLike'> =
  ({ tf }) =>
  (inputs) => {
    const x = mapInput(inputs);
    const [, height, width] = mapInput(inputs, 1).shape;
    return largestOver(tf, largestOver(tf, x, height, 1), width, 2);
  };

/** The largest values over the windows along one axis: the windows' first pixels, their second ones, and on. */
function largestOver(tf: TensorFlow, x: tfjs.Tensor4D, to: number, axis: 1 | 2): tfjs.Tensor4D {
  const windows = adaptiveWindows(x.shape[axis], to);
  const longest = Math.max(...windows.map(([start, end]) => end - start));
  const pixels = (step: number) =>
    tf.gather(
      x,
      windows.map(([start, end]) => Math.min(start + step, end - 1)),
      axis,
    );
  let largest = pixels(0);
  for (let step = 1; step < longest; step++) largest = tf.maximum(largest, pixels(step));
  return largest;
}
