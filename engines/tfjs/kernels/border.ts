import type * as tfjs from '@tensorflow/tfjs-core';
import { mapInput, type TfjsKernel } from '../kernel.js';

export const borderRing: TfjsKernel<'borderRing'> =
  ({ tf, attributes: { factor } }) =>
  (inputs) => {
    const x = mapInput(inputs);
    const [n, h, w, c] = x.shape;
    const row = (y: number) => tf.slice4d(x, [0, y, 0, 0], [n, 1, w, c]);
    const column = (at: number) => tf.reshape<tfjs.Rank.R4>(tf.slice4d(x, [0, 0, at, 0], [n, h, 1, c]), [n, 1, h, c]);
    const ring = tf.concat<tfjs.Tensor4D>([row(0), row(h - 1), column(0), column(w - 1)], 2);
    if (factor === 1) return ring;
    return tf.image.resizeNearestNeighbor(ring, [1, ring.shape[2] * factor], false, true);
  };

export const borderCorrection: TfjsKernel<'borderCorrection'> = ({ tf, attributes, node, parameter, keep }) => {
  const { middle, bias } = attributes;
  const [from, to] = [node.inputs[1]?.channels ?? 0, node.output.channels];
  const biases = bias ? keep(() => tf.clone(parameter('bias'))) : undefined;
  /** [out, in, 3, 3] -> a row or a column of taps, lying: [1, 3, in, out]. */
  const taps = (role: 'first' | 'second', axis: 2 | 3, at: number) =>
    keep(() => {
      const [out, channels] = role === 'first' ? [middle, from] : [to, middle];
      const whole = tf.reshape<tfjs.Rank.R4>(parameter(role), [out, channels, 3, 3]);
      const [begin, size] = axis === 2 ? [[0, 0, at, 0] as const, [1, 3]] : [[0, 0, 0, at] as const, [3, 1]];
      const line = tf.slice4d(whole, [...begin], [out, channels, ...size] as [number, number, number, number]);
      return tf.transpose(tf.reshape<tfjs.Rank.R4>(line, [out, channels, 1, 3]), [2, 3, 1, 0]);
    });
  const SIDES = [
    { axis: 2, first: true },
    { axis: 2, first: false },
    { axis: 3, first: true },
    { axis: 3, first: false },
  ] as const;
  const sides = SIDES.map(({ axis, first }) => ({
    axis,
    first,
    inner: taps('first', axis, first ? 2 : 0),
    outer: taps('second', axis, first ? 0 : 2),
  }));
  return (inputs) => {
    const [y, ring] = [mapInput(inputs), mapInput(inputs, 1)];
    const [n, h, w, c] = y.shape;
    const along = (line: tfjs.Tensor4D, filter: tfjs.Tensor4D, pad: number) =>
      tf.conv2d(line, filter, 1, [
        [0, 0],
        [0, 0],
        [pad, pad],
        [0, 0],
      ]);
    let start = 0;
    let sum = y;
    for (const { axis, first, inner, outer } of sides) {
      const length = axis === 2 ? w : h;
      const line = tf.slice4d(ring, [0, 0, start, 0], [n, 1, length, -1]);
      start += length;
      const reached = along(line, inner, axis === 2 ? 2 : 1);
      const shifted = biases === undefined ? reached : tf.add<tfjs.Tensor4D>(reached, biases);
      const outside = along(shifted, outer, axis === 2 ? 0 : 1);
      const upright = axis === 2 ? outside : tf.reshape<tfjs.Rank.R4>(outside, [n, h, 1, c]);
      const rest = axis === 2 ? h - 1 : w - 1;
      const place: [number, number] = first ? [0, rest] : [rest, 0];
      sum = tf.sub(sum, tf.pad(upright, [[0, 0], axis === 2 ? place : [0, 0], axis === 3 ? place : [0, 0], [0, 0]]));
    }
    return sum;
  };
};
