import type * as tfjs from '@tensorflow/tfjs-core';
import { first } from '../../../../graph/operations/operation.js';
import type { ResamplingGradientAttributes } from '../../../../graph/operations/rearranging_gradients.js';
import { anyInput, mapInput, type TensorFlow, type TfjsKernel, type TfTensor } from '../../kernel.js';

export const channelSlice: TfjsKernel<'channelSlice'> =
  ({ tf, attributes: { first: from, channels } }) =>
  (inputs) =>
    tf.slice4d(mapInput(inputs), [0, 0, 0, from], [-1, -1, -1, channels]);

export const placeChannels: TfjsKernel<'placeChannels'> =
  ({ tf, attributes: { first: from, channels } }) =>
  (inputs) => {
    const x = mapInput(inputs);
    return tf.pad(x, [
      [0, 0],
      [0, 0],
      [0, 0],
      [from, channels - from - x.shape[3]],
    ]);
  };

export const padLike: TfjsKernel<'padLike'> =
  ({ tf }) =>
  (inputs) => {
    const x = mapInput(inputs);
    const [, height, width] = mapInput(inputs, 1).shape;
    return tf.pad(x, [
      [0, 0],
      [0, height - x.shape[1]],
      [0, width - x.shape[2]],
      [0, 0],
    ]);
  };

export const spreadMean: TfjsKernel<'spreadMean'> =
  ({ tf }) =>
  (inputs) => {
    const [, h, w] = mapInput(inputs).shape;
    const mean = anyInput(inputs, 1);
    const [n = 0] = mean.shape;
    const pixel = tf.reshape(mean, [n, 1, 1, -1]);
    return tf.tile(tf.div(pixel, h * w), [1, h, w, 1]);
  };

/** Rows and columns apart, a product each with the shares that each pixel of the result has of those before. */
export const resamplingGradient: TfjsKernel<'resamplingGradient'> =
  ({ tf, attributes }) =>
  (inputs) => {
    const [, h, w] = mapInput(inputs).shape;
    return turnedBack(tf, mapInput(inputs, 1), [h, w], attributes);
  };

function turnedBack(
  tf: TensorFlow,
  gradient: tfjs.Tensor4D,
  [h, w]: readonly [number, number],
  attributes: ResamplingGradientAttributes,
): tfjs.Tensor4D {
  const [n, height, width, channels] = gradient.shape;
  const rows = shares(tf, h, height, attributes);
  const columns = shares(tf, w, width, attributes);
  const byRows = tf.matMul(rows, tf.reshape<tfjs.Rank.R3>(gradient, [n, height, width * channels]), true, false);
  const byColumns = tf.reshape<tfjs.Rank.R3>(byRows, [n * h, width, channels]);
  return tf.reshape(tf.matMul(columns, byColumns, true, false), [n, h, w, channels]);
}

/** What the operation makes of a map whose rows are single pixels: [after, before]. */
function shares(
  tf: TensorFlow,
  before: number,
  after: number,
  attributes: ResamplingGradientAttributes,
): tfjs.Tensor2D {
  const single = tf.reshape<tfjs.Rank.R4>(tf.eye(before), [1, before, before, 1]);
  switch (attributes.of) {
    case 'nearest':
      return square(tf, tf.image.resizeNearestNeighbor(single, [after, before]), after, before);
    case 'bilinear': {
      const { alignCorners } = attributes;
      return square(tf, tf.image.resizeBilinear(single, [after, before], alignCorners, !alignCorners), after, before);
    }
    case 'averagePool':
      return windows(tf, before, after, (i) => [i * attributes.kernel, (i + 1) * attributes.kernel]);
    case 'averageAround': {
      const half = attributes.kernel >> 1;
      return windows(tf, before, after, (i) => [i - half, i + half + 1]);
    }
  }
}

function square(tf: TensorFlow, x: TfTensor, after: number, before: number): tfjs.Tensor2D {
  return tf.reshape(x, [after, before]);
}

/** Equal shares of the pixels that lie between two places and on the map. */
function windows(
  tf: TensorFlow,
  before: number,
  after: number,
  window: (i: number) => readonly [start: number, end: number],
): tfjs.Tensor2D {
  const values = new Float32Array(after * before);
  for (let i = 0; i < after; i++) {
    const [start, end] = window(i);
    const [from, to] = [Math.max(0, start), Math.min(before, end)];
    values.fill(1 / (to - from), i * before + from, i * before + to);
  }
  return tf.tensor2d(values, [after, before]);
}

export const positionEmbeddingGradient: TfjsKernel<'positionEmbeddingGradient'> =
  ({ tf, node, attributes: { height, width, skip = 0 } }) =>
  (inputs) => {
    const { channels } = first(node.inputs);
    const sum: tfjs.Tensor4D = tf.sum(mapInput(inputs), 0, true);
    const learned = turnedBack(tf, sum, [height, width], { of: 'bilinear', alignCorners: false });
    const pixels = tf.reshape(learned, [1, height * width, channels]);
    return tf.pad(pixels, [
      [0, 0],
      [skip, 0],
      [0, 0],
    ]);
  };

export const pixelShuffle: TfjsKernel<'pixelShuffle'> =
  ({ tf, attributes: { factor, order } }) =>
  (inputs) => {
    const [n, rows, columns, c] = mapInput(inputs).shape;
    const channels = c / factor ** 2;
    const parts = order === 'channelFirst' ? [channels, factor, factor] : [factor, factor, channels];
    const apart = tf.reshape(mapInput(inputs), [n * rows, columns, ...parts]);
    const turned = tf.transpose(apart, order === 'channelFirst' ? [0, 3, 1, 4, 2] : [0, 3, 1, 2, 4]);
    return tf.reshape(turned, [n, rows * factor, columns * factor, channels]);
  };
