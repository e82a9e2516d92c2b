import { anyInput, type TfjsKernel } from '../kernel.js';

/**
 * Sums axis by axis, innermost first: the wasm backend adds one number after the other, and of a long row the last would
 * be lost in the sum of the first.
 */
const sumFrom =
  (axis: number): TfjsKernel<'sum' | 'sumOfPictures'> =>
  ({ tf }) =>
  (inputs) => {
    let x = anyInput(inputs);
    for (let inner = x.rank - 1; inner >= axis; inner--) x = tf.sum(x, inner, true);
    return x;
  };

export const sum = sumFrom(0);
export const sumOfPictures = sumFrom(1);

export const countElements: TfjsKernel<'countElements'> =
  ({ tf }) =>
  (inputs) => {
    const x = anyInput(inputs);
    return tf.fill(
      x.shape.map(() => 1),
      x.size,
    );
  };

export const expandLike: TfjsKernel<'expandLike'> =
  ({ tf }) =>
  (inputs) => {
    const [x, like] = [anyInput(inputs), anyInput(inputs, 1)];
    return tf.tile(
      x,
      like.shape.map((extent, axis) => extent / (x.shape[axis] ?? 1)),
    );
  };
