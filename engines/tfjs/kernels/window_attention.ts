/** Attention inside windows of maps [N, H, W, C]. */
import type * as tfjs from '@tensorflow/tfjs-core';
import { scoreScale } from '../../../graph/operations/attention.js';
import {
  middlePosition,
  positionSteps,
  type ShiftedWindowAttributes,
  type WindowAttributes,
} from '../../../graph/operations/window_attention.js';
import { mapInput, type TensorFlow, type TfjsKernel } from '../kernel.js';

export const shiftedWindowAttention: TfjsKernel<'shiftedWindowAttention'> = ({ tf, attributes, parameter, keep }) => {
  const term = keep(() => learnedTerm(tf, attributes, parameter('positions')));
  return (inputs) => shiftedAttention(tf, mapInput(inputs), attributes, term);
};

/** The row of `positions` for each pair of pixels. */
export function positionRows(window: number): readonly number[] {
  const steps = positionSteps(window);
  return steps.flatMap((query) => steps.map((key) => query - key + middlePosition(window)));
}

/** What was learned for the places of two pixels in a window: [1, heads, pixels, pixels]. */
export function learnedTerm(
  tf: TensorFlow,
  { heads, window }: ShiftedWindowAttributes,
  positions: tfjs.Tensor,
): tfjs.Tensor4D {
  const learned = tf.gather(positions, tf.tensor1d([...positionRows(window)], 'int32'), 0);
  return tf.reshape<tfjs.Rank.R4>(tf.transpose(learned), [1, heads, window ** 2, window ** 2]);
}

export function shiftedAttention(
  tf: TensorFlow,
  x: tfjs.Tensor4D,
  attributes: ShiftedWindowAttributes,
  term: tfjs.Tensor4D,
): tfjs.Tensor4D {
  const { window, shift } = attributes;
  if (shift === 0) return attend(tf, x, attributes, term, undefined);
  const [, height, width] = x.shape;
  const part = (i: number, size: number) => (i < size - window ? 0 : i < size - shift ? 1 : 2);
  const mask = maskOf(tf, x, window, -100, (y, column) => 3 * part(y, height) + part(column, width));
  return roll(tf, attend(tf, roll(tf, x, shift), attributes, term, mask), -shift);
}

export const paddedWindowAttention: TfjsKernel<'paddedWindowAttention'> =
  ({ tf, attributes }) =>
  (inputs) => {
    const x = mapInput(inputs);
    const [, height, width] = mapInput(inputs, 1).shape;
    const bothPadded = height < x.shape[1] && width < x.shape[2];
    const outside = (y: number, column: number) => (y >= height || column >= width ? 1 : 0);
    const mask = bothPadded ? maskOf(tf, x, attributes.window, -1000, outside) : undefined;
    return attend(tf, x, attributes, undefined, mask);
  };

/** The first rows and columns behind the last; for a negative number the last before the first. */
function roll(tf: TensorFlow, x: tfjs.Tensor4D, by: number): tfjs.Tensor4D {
  let rolled = x;
  for (const axis of [1, 2] as const) {
    const length = x.shape[axis];
    const first = (by + length) % length;
    rolled = tf.concat4d(tf.split<tfjs.Tensor4D>(rolled, [first, length - first], axis).toReversed(), axis);
  }
  return rolled;
}

/** [N, H, W, C] -> [N * windows, pixels, C]. */
function cut(tf: TensorFlow, x: tfjs.Tensor4D, window: number): tfjs.Tensor3D {
  const [n, h, w, c] = x.shape;
  const apart = tf.reshape(x, [n * (h / window), window, w / window, window * c]);
  return tf.reshape(tf.transpose(apart, [0, 2, 1, 3]), [-1, window ** 2, c]);
}

/** 0 between pixels of one number, `apart` between others: [N * windows, 1, pixels, pixels]. */
function maskOf(
  tf: TensorFlow,
  { shape: [n, height, width] }: tfjs.Tensor4D,
  window: number,
  apart: number,
  numberOf: (y: number, x: number) => number,
): tfjs.Tensor4D {
  const numbers = Float32Array.from({ length: height * width }, (_, i) => numberOf(Math.floor(i / width), i % width));
  const cuts = cut(tf, tf.tensor4d(numbers, [1, height, width, 1]), window);
  const differ = tf.notEqual(cuts, tf.transpose(cuts, [0, 2, 1]));
  const mask = tf.expandDims<tfjs.Tensor4D>(tf.mul(tf.cast(differ, 'float32'), apart), 1);
  return n === 1 ? mask : tf.tile(mask, [n, 1, 1, 1]);
}

/** softmax(q kᵀ · scale + terms) v in every window. */
function attend(
  tf: TensorFlow,
  x: tfjs.Tensor4D,
  attributes: WindowAttributes,
  ...terms: readonly (tfjs.Tensor4D | undefined)[]
): tfjs.Tensor4D {
  const { heads, headDim, window } = attributes;
  const [n, h, w] = x.shape;
  const area = window ** 2;
  const parts = tf.reshape<tfjs.Rank.R4>(cut(tf, x, window), [-1, area, 3 * heads, headDim]);
  const turned = tf.transpose(parts, [0, 2, 1, 3]);
  const [query = turned, key = turned, value = turned] = tf.split<tfjs.Tensor4D>(turned, 3, 1);
  const scaled: tfjs.Tensor4D = tf.mul(tf.matMul(query, key, false, true), scoreScale(attributes));
  const scores = terms.reduce<tfjs.Tensor4D>((sum, term) => (term === undefined ? sum : tf.add(sum, term)), scaled);
  const mixed = tf.transpose(tf.matMul(tf.softmax(scores, -1), value), [0, 2, 1, 3]);
  const rows = tf.reshape<tfjs.Rank.R4>(mixed, [n * (h / window), w / window, window, window * heads * headDim]);
  return tf.reshape(tf.transpose(rows, [0, 2, 1, 3]), [n, h, w, heads * headDim]);
}
