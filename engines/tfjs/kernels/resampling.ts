import type * as tfjs from '@tensorflow/tfjs-core';
import { first } from '../../../graph/operations/operation.js';
import { mapInput, type TfjsKernel, type TfTensor } from '../kernel.js';

function sizeOf(inputs: readonly TfTensor[], index: number): [height: number, width: number] {
  const [, height, width] = mapInput(inputs, index).shape;
  return [height, width];
}

function enlargedSize(x: tfjs.Tensor4D, factor: number): [height: number, width: number] {
  return [x.shape[1] * factor, x.shape[2] * factor];
}

/** floor(i * from / to), as torch and ONNX's `asymmetric` with `floor`. */
export const resizeNearestLike: TfjsKernel<'resizeNearestLike'> =
  ({ tf }) =>
  (inputs) =>
    tf.image.resizeNearestNeighbor(mapInput(inputs), sizeOf(inputs, 1));

/** Where the size grows by a whole number, the centres of pixels give the same and stay clear of rounding to the next. */
export const resizeNearest: TfjsKernel<'resizeNearest'> =
  ({ tf, attributes: { factor } }) =>
  (inputs) => {
    const x = mapInput(inputs);
    return tf.image.resizeNearestNeighbor(x, enlargedSize(x, factor), false, true);
  };

export const resizeBilinearLike: TfjsKernel<'resizeBilinearLike'> =
  ({ tf, attributes: { alignCorners } }) =>
  (inputs) =>
    tf.image.resizeBilinear(mapInput(inputs), sizeOf(inputs, 1), alignCorners, !alignCorners);

export const resizeBilinear: TfjsKernel<'resizeBilinear'> =
  ({ tf, attributes: { alignCorners, factor } }) =>
  (inputs) => {
    const x = mapInput(inputs);
    return tf.image.resizeBilinear(x, enlargedSize(x, factor), alignCorners, !alignCorners);
  };

export const cropLike: TfjsKernel<'cropLike'> =
  ({ tf }) =>
  (inputs) => {
    const [height, width] = sizeOf(inputs, 1);
    return tf.slice4d(mapInput(inputs), [0, 0, 0, 0], [-1, height, width, -1]);
  };

/** As [1, height, width, C] the embedding resizes as a map does. */
export const positionEmbedding: TfjsKernel<'positionEmbedding'> = (context) => {
  const { tf, node, parameter, keep } = context;
  const { height, width, skip = 0 } = context.attributes;
  const { channels } = first(node.inputs);
  const learned = keep(() => {
    const rows = tf.reshape<tfjs.Rank.R2>(parameter('embedding'), [skip + height * width, channels]);
    return tf.reshape<tfjs.Rank.R4>(tf.slice2d(rows, [skip, 0], [height * width, channels]), [
      1,
      height,
      width,
      channels,
    ]);
  });
  return (inputs) => tf.add(mapInput(inputs), tf.image.resizeBilinear(learned, sizeOf(inputs, 0), false, true));
};
