/** What convolutions and linear layers leave to their inputs and weights. Some backends have no kernels for these: products have all. */
import type * as tfjs from '@tensorflow/tfjs-core';
import { paddingOf } from '../../../../graph/operations/convolution.js';
import { first } from '../../../../graph/operations/operation.js';
import { anyInput, mapInput, type TensorFlow, type TfjsKernel, type TfTensor } from '../../kernel.js';
import { padding } from '../convolution.js';
import { convTranspose } from '../transposed_convolution.js';

/** A transposed convolution by a kernel that is dilated with zeros, cut to the size of the input. */
export const convInputGradient: TfjsKernel<'convInputGradient'> = (context) => {
  const { tf, attributes, node, parameter, keep } = context;
  const { kernel, stride, groups, out, dilation = 1 } = attributes;
  const [source, gradient] = node.inputs;
  const { channels } = first(node.inputs);
  const reach = dilation * (kernel - 1) + 1;
  const whole = convTranspose({
    tf,
    keep,
    attributes: { out: channels, kernel: reach, stride, pad: 0, groups, bias: false },
    node: {
      operation: 'convTranspose',
      attributes: { out: channels, kernel: reach, stride, pad: 0, groups, bias: false },
      inputs: gradient === undefined ? [] : [gradient],
      output: source ?? node.output,
      parameters: {},
      scope: node.scope,
    },
    parameter: (role) => dilated(tf, tf.reshape(parameter(role), [out, channels / groups, kernel, kernel]), dilation),
  });
  const [before] = paddingOf(attributes);
  return (inputs) => {
    const [, h, w] = mapInput(inputs).shape;
    const all = fourAxes(tf, whole([mapInput(inputs, 1)]));
    const [, height, width] = all.shape;
    const lacking = (has: number, needs: number): [number, number] => [0, Math.max(0, before + needs - has)];
    const padded = tf.pad(all, [[0, 0], lacking(height, h), lacking(width, w), [0, 0]]);
    return tf.slice4d(padded, [0, before, before, 0], [-1, h, w, -1]);
  };
};

function fourAxes(tf: TensorFlow, x: TfTensor): tfjs.Tensor4D {
  const [n = 0, h = 0, w = 0, c = 0] = x.shape;
  return tf.reshape(x, [n, h, w, c]);
}

/** Zeros between the taps of a kernel [out, in, k, k]. */
function dilated(tf: TensorFlow, weight: tfjs.Tensor, dilation: number): TfTensor {
  if (dilation === 1) return weight;
  const [out = 0, share = 0, kernel = 0] = weight.shape;
  const apart = tf.reshape(weight, [out * share, kernel, 1, kernel, 1]);
  const zeros: [number, number] = [0, dilation - 1];
  const spread = tf.pad(apart, [[0, 0], [0, 0], zeros, [0, 0], zeros]);
  const square = tf.reshape<tfjs.Rank.R3>(spread, [out * share, kernel * dilation, kernel * dilation]);
  const reach = dilation * (kernel - 1) + 1;
  return tf.reshape(tf.slice3d(square, [0, 0, 0], [-1, reach, reach]), [out, share, reach, reach]);
}

/** For each place of the kernel, and each group, a product of the pixels that it reads with the gradient. */
export const convWeightGradient: TfjsKernel<'convWeightGradient'> =
  ({ tf, attributes, node }) =>
  (inputs) => {
    const { kernel, stride, groups, out, dilation = 1 } = attributes;
    const share = first(node.inputs).channels / groups;
    const gradient = mapInput(inputs, 1);
    const [n, h, w] = gradient.shape;
    const padded = tf.pad(mapInput(inputs), padding(...paddingOf(attributes)));
    const gradients = byGroup(tf, gradient, groups);
    const places = Array.from({ length: kernel ** 2 }, (_, i) => {
      const [row, column] = [Math.floor(i / kernel) * dilation, (i % kernel) * dilation];
      const end = [n, row + (h - 1) * stride + 1, column + (w - 1) * stride + 1, share * groups];
      const seen = tf.stridedSlice(padded, [0, row, column, 0], end, [1, stride, stride, 1]);
      // [groups, out/groups, in/groups].
      return tf.matMul(gradients, byGroup(tf, seen, groups), true, false);
    });
    return tf.reshape(tf.stack(places, 3), [out, share, kernel, kernel]);
  };

/** [N, h, w, C] -> [groups, N * h * w, C/groups]. */
function byGroup(tf: TensorFlow, x: TfTensor, groups: number): tfjs.Tensor3D {
  const channels = x.shape.at(-1) ?? 0;
  if (groups === 1) return tf.reshape(x, [1, -1, channels]);
  return tf.transpose(tf.reshape<tfjs.Rank.R3>(x, [-1, groups, channels / groups]), [1, 0, 2]);
}

export const linearInputGradient: TfjsKernel<'linearInputGradient'> = ({ tf, attributes, node, parameter, keep }) => {
  const { in: channels, packed } = attributes;
  const out = first(node.inputs).channels;
  const weight = keep(() => {
    const all = tf.reshape<tfjs.Rank.R2>(parameter('weight'), [-1, channels]);
    return packed === undefined ? all : tf.slice2d(all, [packed.first, 0], [out, channels]);
  });
  return (inputs) => {
    const gradient = anyInput(inputs);
    const product = tf.matMul(tf.reshape<tfjs.Rank.R2>(gradient, [-1, out]), weight);
    return tf.reshape(product, [...gradient.shape.slice(0, -1), channels]);
  };
};

export const linearWeightGradient: TfjsKernel<'linearWeightGradient'> =
  ({ tf, node }) =>
  (inputs) => {
    const [x, gradient] = [0, 1].map((index) =>
      tf.reshape<tfjs.Rank.R2>(anyInput(inputs, index), [-1, node.inputs[index]?.channels ?? 0]),
    );
    return tf.matMul(gradient ?? anyInput(inputs, 1), x ?? anyInput(inputs), true, false);
  };

export const placeRows: TfjsKernel<'placeRows'> =
  ({ tf, attributes: { first: from, rows } }) =>
  (inputs) => {
    const x = anyInput(inputs);
    const [own = 0, ...rest] = x.shape;
    return tf.pad(x, [[from, rows - from - own], ...rest.map((): [number, number] => [0, 0])]);
  };
