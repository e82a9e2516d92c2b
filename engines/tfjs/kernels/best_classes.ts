import { mapInput, type TfjsKernel } from '../kernel.js';

export const bestClasses: TfjsKernel<'bestClasses'> =
  ({ tf, attributes: { alignCorners } }) =>
  (inputs) => {
    const scores = mapInput(inputs);
    const [, height, width] = mapInput(inputs, 1).shape;
    const sides = (at: number): [number, number] => [mapInput(inputs, at).shape[1], mapInput(inputs, at + 1).shape[2]];
    const seen = tf.image.resizeBilinear(scores, [height, width], alignCorners, !alignCorners);
    const inside = tf.slice4d(seen, [0, 0, 0, 0], [-1, ...sides(2), -1]);
    const large = tf.image.resizeBilinear(inside, sides(4), alignCorners, !alignCorners);
    const labels = tf.expandDims(tf.cast(tf.argMax(large, 3), 'float32'), 3);
    return tf.add(labels, tf.mul(tf.sum(scores, [1, 2, 3], true), tf.scalar(0)));
  };
