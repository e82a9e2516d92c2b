import type * as tfjs from '@tensorflow/tfjs-core';
import { type ConvAttributes, paddingOf } from '../../../graph/operations/convolution.js';
import { first } from '../../../graph/operations/operation.js';
import { type KernelContext, keptBias, mapInput, type TensorFlow, type TfjsKernel } from '../kernel.js';
import { padding } from './convolution.js';

type Context = KernelContext<'convTranspose'>;
type Filter = tfjs.Tensor4D;

/**
 * torch.nn.ConvTranspose2d without the operation of that name, which is a plain loop in the wasm backend: the results
 * at every `stride`-th row and column are an ordinary convolution with every `stride`-th weight (Shi et al., arXiv
 * 1609.07009). All `stride`² such phases are convolved with kernels of ceil(kernel / stride), then put between one another.
 */
export const convTranspose: TfjsKernel<'convTranspose'> = (context) => {
  const { tf, attributes, node } = context;
  const { groups, stride } = attributes;
  const { channels } = first(node.inputs);
  const pad = padding(tapsOf(attributes) - 1, tapsOf(attributes) - 1);
  const bias = keptBias(context);
  const whole = groups === channels && channels > 1 ? depthwise(context, pad) : grouped(context, pad);
  return (inputs) => {
    const x = mapInput(inputs);
    const [, h, w] = x.shape;
    const [before, after] = paddingOf(attributes);
    const extent = (size: number) => (size - 1) * stride - before - after + attributes.kernel;
    const cropped = tf.slice4d(whole(x), [0, before, before, 0], [-1, extent(h), extent(w), -1]);
    return bias === undefined ? cropped : tf.add(cropped, bias);
  };
};

/** One convolution a phase, each with the channels apart. */
function depthwise(context: Context, pad: ReturnType<typeof padding>): (x: tfjs.Tensor4D) => tfjs.Tensor4D {
  const { tf, attributes, keep } = context;
  const { stride } = attributes;
  const taps = tapsOf(attributes);
  const filters = Array.from({ length: stride * stride }, (_, phase) =>
    keep((): Filter => {
      const one = tf.slice(phases(context), [0, 0, phase, 0], [-1, -1, 1, -1]);
      const [channels = 0, multiplier = 0] = one.shape;
      return tf.transpose(tf.reshape<tfjs.Rank.R4>(one, [channels, multiplier, taps, taps]), [2, 3, 0, 1]);
    }),
  );
  return (x) => {
    const parts = filters.map((filter) => tf.depthwiseConv2d<tfjs.Tensor4D>(x, filter, 1, pad));
    return interleaved(tf, tf.concat4d(parts, 3), stride);
  };
}

/** One convolution a group, which gives all phases side by side as channels. */
function grouped(context: Context, pad: ReturnType<typeof padding>): (x: tfjs.Tensor4D) => tfjs.Tensor4D {
  const { tf, attributes, node, keep } = context;
  const { groups, stride, out } = attributes;
  const taps = tapsOf(attributes);
  const share = first(node.inputs).channels / groups;
  const filters = Array.from({ length: groups }, (_, group) =>
    keep((): Filter => {
      const own = tf.slice(phases(context), [group * share, 0, 0, 0], [share, -1, -1, -1]);
      const inner = tf.transpose(own, [3, 0, 2, 1]);
      return tf.reshape<tfjs.Rank.R4>(inner, [taps, taps, share, (stride * stride * out) / groups]);
    }),
  );
  return (x) => {
    const shares = groups === 1 ? [x] : tf.split<tfjs.Tensor4D>(x, groups, 3);
    const parts = filters.map((filter, group) =>
      interleaved(tf, tf.conv2d<tfjs.Tensor4D>(shares[group] ?? x, filter, 1, pad), stride),
    );
    return tf.concat4d(parts, 3);
  };
}

/** Weights [in, out/groups, kernel, kernel] as [in, out/groups, phases, taps], zeros where the kernel ends. */
function phases({ tf, attributes, node, parameter }: Context): tfjs.Tensor4D {
  const { kernel, stride, groups, out } = attributes;
  const pairs = first(node.inputs).channels * (out / groups);
  const taps = tapsOf(attributes);
  const missing: [number, number] = [0, taps * stride - kernel];
  const padded = tf.pad(tf.reshape(parameter('weight'), [pairs, kernel, kernel]), [[0, 0], missing, missing]);
  // A transposed convolution turns its kernel, a convolution does not: the taps of rows, then those of columns.
  const rows = tf.reverse(tf.reshape(padded, [pairs, taps, stride * taps * stride]), 1);
  const columns = tf.reverse(tf.reshape(rows, [pairs * taps * stride, taps, stride]), 1);
  const split = tf.transpose(tf.reshape(columns, [pairs, taps, stride, taps, stride]), [0, 2, 4, 1, 3]);
  return tf.reshape(split, [-1, out / groups, stride * stride, taps * taps]);
}

/** [N, h, w, phases * C] to [N, h * stride, w * stride, C]. */
function interleaved(tf: TensorFlow, x: tfjs.Tensor4D, stride: number): tfjs.Tensor4D {
  if (stride === 1) return x;
  const [n, h, w, c] = x.shape;
  const rows = tf.transpose(tf.reshape(x, [n * h, w, stride, c / stride]), [0, 2, 1, 3]);
  return tf.reshape(rows, [n, h * stride, w * stride, c / stride / stride]);
}

function tapsOf({ kernel, stride }: ConvAttributes): number {
  return Math.ceil(kernel / stride);
}
