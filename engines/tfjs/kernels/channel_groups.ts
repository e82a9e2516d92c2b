/** Channels come last, so that a group lies together in memory: maps are [rows of one group, size] on the way. */
import type * as tfjs from '@tensorflow/tfjs-core';
import { mapInput, type TensorFlow, type TfjsKernel, type TfTensor } from '../kernel.js';
import { floats } from './floats.js';

/** A map through something that is done to each group alone. */
function byGroup(
  tf: TensorFlow,
  x: tfjs.Tensor4D,
  size: number,
  apply: (groups: tfjs.Tensor2D) => TfTensor,
): tfjs.Tensor4D {
  const [n, h, w] = x.shape;
  const result = apply(tf.reshape<tfjs.Rank.R2>(x, [-1, size]));
  return tf.reshape(result, [n, h, w, result.size / (n * h * w)]);
}

export const oneHot: TfjsKernel<'oneHot'> = ({ tf, attributes: { classes, values }, keep }) => {
  const indices = keep(() => tf.range(0, classes, 1, 'float32'));
  const weights = values === undefined ? undefined : keep(() => tf.tensor1d([...values], 'float32'));
  return (inputs) =>
    byGroup(tf, mapInput(inputs), 1, (groups) => {
      const ones = floats(tf, tf.equal(groups, tf.reshape(indices, [1, classes])));
      return weights === undefined ? ones : tf.mul(ones, weights);
    });
};

export const sumChannelGroups: TfjsKernel<'sumChannelGroups'> =
  ({ tf, attributes: { size } }) =>
  (inputs) =>
    byGroup(tf, mapInput(inputs), size, (groups) => tf.sum(groups, 1));

export const repeatChannels: TfjsKernel<'repeatChannels'> =
  ({ tf, attributes: { times } }) =>
  (inputs) =>
    byGroup(tf, mapInput(inputs), 1, (groups) => tf.tile(groups, [1, times]));

export const channelOfGroups: TfjsKernel<'channelOfGroups'> =
  ({ tf, attributes: { size, index } }) =>
  (inputs) =>
    byGroup(tf, mapInput(inputs), size, (groups) => tf.slice2d(groups, [0, index], [-1, 1]));

export const placeInGroups: TfjsKernel<'placeInGroups'> =
  ({ tf, attributes: { size, index } }) =>
  (inputs) =>
    byGroup(tf, mapInput(inputs), 1, (groups) =>
      tf.pad(groups, [
        [0, 0],
        [index, size - 1 - index],
      ]),
    );

export const logSoftmax: TfjsKernel<'logSoftmax'> =
  ({ tf, attributes: { groups } }) =>
  (inputs) => {
    const x = mapInput(inputs);
    return byGroup(tf, x, x.shape[3] / groups, (rows) => tf.logSoftmax(rows, 1));
  };

export const argmaxChannels: TfjsKernel<'argmaxChannels'> =
  ({ tf }) =>
  (inputs) =>
    floats(tf, tf.expandDims(tf.argMax(mapInput(inputs), 3), 3));
