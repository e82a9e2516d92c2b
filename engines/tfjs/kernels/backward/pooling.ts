/** What the largest values of windows leave to the pixels that they were. */
import type * as tfjs from '@tensorflow/tfjs-core';
import { adaptiveWindows } from '../../../../graph/operations/adaptive_pooling.js';
import { mapInput, type TensorFlow, type TfjsKernel, type TfTensor } from '../../kernel.js';
import { floats } from '../floats.js';

/** For each place of a window, where its pixel is the first of the largest; put back with zeros between. */
export const maxPoolGradient: TfjsKernel<'maxPoolGradient'> =
  ({ tf, attributes: { kernel, stride, pad } }) =>
  (inputs) => {
    const [x, gradient] = [mapInput(inputs), mapInput(inputs, 1)];
    const [n, h, w, c] = x.shape;
    const [, height, width] = gradient.shape;
    const sides: [number, number] = [pad, pad];
    const padded = tf.pad(x, [[0, 0], sides, sides, [0, 0]], LEAST);
    const places = Array.from({ length: kernel ** 2 }, (_, i) => [Math.floor(i / kernel), i % kernel] as const);
    const seen = places.map(([row, column]) => {
      const end = [n, row + (height - 1) * stride + 1, column + (width - 1) * stride + 1, c];
      return tf.stridedSlice(padded, [0, row, column, 0], end, [1, stride, stride, 1]);
    });
    const largest = seen.reduce((most, place) => tf.maximum(most, place));
    // What no place has taken yet.
    let left: TfTensor = gradient;
    let sum: TfTensor | undefined;
    for (const [i, place] of seen.entries()) {
      const taken = tf.mul(left, tf.cast(tf.equal(place, largest), 'float32'));
      left = tf.sub(left, taken);
      const [row, column] = places[i] ?? [0, 0];
      const part = spaced(tf, mapInput([taken]), stride, [row, column], [h + 2 * pad, w + 2 * pad]);
      sum = sum === undefined ? part : tf.add(sum, part);
    }
    return tf.slice4d(mapInput([sum ?? padded]), [0, pad, pad, 0], [-1, h, w, -1]);
  };

/** Less than any value that a network computes. */
const LEAST = -3.4e38;

/** Every `stride`-th pixel of a map of zeros, from `offset` on. */
function spaced(
  tf: TensorFlow,
  x: tfjs.Tensor4D,
  stride: number,
  [row, column]: readonly [number, number],
  [height, width]: readonly [number, number],
): tfjs.Tensor4D {
  const [n, h, w, c] = x.shape;
  const rows = tf.pad(tf.reshape(x, [n * h, 1, w, c]), [
    [0, 0],
    [0, stride - 1],
    [0, 0],
    [0, 0],
  ]);
  const columns = tf.pad(tf.reshape(rows, [n * h * stride, w, 1, c]), [
    [0, 0],
    [0, 0],
    [0, stride - 1],
    [0, 0],
  ]);
  const [tall, wide] = [(h - 1) * stride + 1, (w - 1) * stride + 1];
  const whole = tf.reshape<tfjs.Rank.R4>(columns, [n, h * stride, w * stride, c]);
  const cut = tf.slice4d(whole, [0, 0, 0, 0], [-1, tall, wide, -1]);
  return tf.pad(cut, [
    [0, 0],
    [row, height - row - tall],
    [column, width - column - wide],
    [0, 0],
  ]);
}

/** Columns first and rows then, the other way round than the pooling went. */
export const adaptiveMaxPoolGradient: TfjsKernel<'adaptiveMaxPoolGradient'> =
  ({ tf }) =>
  (inputs) => {
    const [x, gradient] = [mapInput(inputs), mapInput(inputs, 1)];
    const [, height, width] = gradient.shape;
    const rows = gathered(tf, x, height, 1);
    const between = toLargest(tf, gathered(tf, tf.max(rows.pixels, 2), width, 2), gradient, 2);
    return toLargest(tf, rows, between, 1);
  };

interface Gathered {
  /** The axis of windows is followed by that of their pixels. */
  readonly pixels: TfTensor;
  /** [windows * pixels, size]: which pixel each is. */
  readonly places: tfjs.Tensor2D;
}

function gathered(tf: TensorFlow, x: TfTensor, to: number, axis: 1 | 2): Gathered {
  const size = x.shape[axis] ?? 0;
  const all = adaptiveWindows(size, to);
  const longest = Math.max(...all.map(([start, end]) => end - start));
  const indices = all.flatMap(([start, end]) =>
    Array.from({ length: longest }, (_, step) => Math.min(start + step, end - 1)),
  );
  const taken = tf.gather(x, indices, axis);
  const shape = [...x.shape.slice(0, axis), to, longest, ...x.shape.slice(axis + 1)];
  const places = new Float32Array(indices.length * size);
  indices.forEach((index, i) => {
    places[i * size + index] = 1;
  });
  return { pixels: tf.reshape(taken, shape), places: tf.tensor2d(places, [indices.length, size]) };
}

/** Each window's gradient at the first of its largest pixels, then summed up where windows overlap. */
function toLargest(tf: TensorFlow, { pixels, places }: Gathered, gradient: TfTensor, axis: 1 | 2): tfjs.Tensor4D {
  const longest = pixels.shape[axis + 1] ?? 1;
  const place = floats(tf, tf.oneHot(tf.argMax(pixels, axis + 1), longest));
  // One-hot adds its axis at the end; the pixels of a window belong behind the windows.
  const rank = pixels.rank;
  const order = Array.from({ length: rank - 1 }, (_, i) => i);
  const turned = tf.transpose(place, [...order.slice(0, axis + 1), rank - 1, ...order.slice(axis + 1)]);
  const spread = tf.mul(turned, tf.expandDims(gradient, axis + 1));
  const outer = pixels.shape.slice(0, axis).reduce((product, extent) => product * extent, 1);
  const inner = pixels.shape.slice(axis + 2).reduce((product, extent) => product * extent, 1);
  const [count, size] = places.shape;
  const sums = tf.matMul(places, tf.reshape<tfjs.Rank.R3>(spread, [outer, count, inner]), true, false);
  const [n = 0, h = 0, w = 0, c = 0] = [...pixels.shape.slice(0, axis), size, ...pixels.shape.slice(axis + 2)];
  return tf.reshape(sums, [n, h, w, c]);
}
