import type * as tfjs from '@tensorflow/tfjs-core';
import { paddingOf } from '../../../graph/operations/convolution.js';
import { first } from '../../../graph/operations/operation.js';
import { type KernelContext, keptBias, mapInput, type TfjsKernel, type TfTensor } from '../kernel.js';

type Padding = [[number, number], [number, number], [number, number], [number, number]];

/** Rows and columns before and after a map, in the form that every backend takes: some refuse a plain number. */
export function padding(before: number, after: number): Padding {
  return [
    [0, 0],
    [before, after],
    [before, after],
    [0, 0],
  ];
}

/** One convolution of a map with weights that are laid out already. */
type Convolution = (x: tfjs.Tensor4D) => TfTensor;

/** torch.nn.Conv2d. One group or one for each channel runs as it is; any other number as so many convolutions. */
export const conv: TfjsKernel<'conv'> = (context) => {
  const { attributes, node } = context;
  const { channels } = first(node.inputs);
  const { groups } = attributes;
  const kind = groups === channels && channels > 1 ? depthwise : groups === 1 ? dense : grouped;
  return runs(strided(context, kind));
};

/** TensorFlow.js takes strides or dilations: where there are both, every place is computed and what is between is left out. */
function strided(context: KernelContext<'conv'>, kind: (context: KernelContext<'conv'>) => Convolution): Convolution {
  const { tf, attributes } = context;
  const { stride, dilation = 1 } = attributes;
  if (stride === 1 || dilation === 1) return kind(context);
  const everywhere = kind({ ...context, attributes: { ...attributes, stride: 1 } });
  return (x) => {
    const y = everywhere(x);
    return tf.stridedSlice(y, [0, 0, 0, 0], y.shape, [1, stride, stride, 1]);
  };
}

function runs(convolution: Convolution): ReturnType<TfjsKernel<'conv'>> {
  return (inputs) => convolution(mapInput(inputs));
}

/** Weights [out, in, k, k] become [k, k, in, out]. */
function dense(context: KernelContext<'conv'>): Convolution {
  const { tf, parameter, keep } = context;
  const shape = filterShape(context);
  const filter = keep(() => tf.transpose(tf.reshape<tfjs.Rank.R4>(parameter('weight'), shape), [2, 3, 1, 0]));
  const options = optionsOf(context);
  return (x) => tf.fused.conv2d({ x, filter, ...options });
}

/** Weights [channels * multiplier, 1, k, k] become [k, k, channels, multiplier]. */
function depthwise(context: KernelContext<'conv'>): Convolution {
  const { tf, attributes, node, parameter, keep } = context;
  const { kernel, out, dilation = 1 } = attributes;
  const { channels } = first(node.inputs);
  const { strides, pad, dilations, bias } = optionsOf(context);
  // TensorFlow's own kernel takes no dilations but on processors with AVX-512: there the gaps are written as zeros.
  const gaps = dilation > 1 && tf.getBackend() === 'tensorflow';
  const filter = keep(() => {
    const weight = tf.transpose(
      tf.reshape<tfjs.Rank.R4>(parameter('weight'), [channels, out / channels, kernel, kernel]),
      [2, 3, 0, 1],
    );
    return gaps ? withGaps(tf, weight, dilation) : weight;
  });
  return (x) => {
    const y = tf.depthwiseConv2d(x, filter, strides, pad, 'NHWC', gaps ? 1 : dilations);
    return bias === undefined ? y : tf.add(y, bias);
  };
}

/** A kernel [k, k, in, multiplier] of a dilation as one of none: zeros between its taps. */
function withGaps(tf: typeof tfjs, weight: tfjs.Tensor4D, dilation: number): tfjs.Tensor4D {
  const [kernel, , channels, multiplier] = weight.shape;
  const taps = tf.reshape(weight, [kernel, 1, kernel, 1, channels * multiplier]);
  const gap: [number, number] = [0, dilation - 1];
  const spread = tf.pad(taps, [[0, 0], gap, [0, 0], gap, [0, 0]]);
  const all = tf.reshape<tfjs.Rank.R4>(spread, [kernel * dilation, kernel * dilation, channels, multiplier]);
  const side = (kernel - 1) * dilation + 1;
  return tf.slice4d(all, [0, 0, 0, 0], [side, side, channels, multiplier]);
}

/** TensorFlow.js knows no groups: each has its share of the channels and of the weights. */
function grouped(context: KernelContext<'conv'>): Convolution {
  const { tf, attributes, parameter, keep } = context;
  const { groups, out } = attributes;
  const shape = filterShape(context);
  const filters = Array.from({ length: groups }, (_, group) =>
    keep(() => {
      const weight = tf.reshape<tfjs.Rank.R4>(parameter('weight'), shape);
      const share = tf.slice4d(weight, [(group * out) / groups, 0, 0, 0], [out / groups, -1, -1, -1]);
      return tf.transpose(share, [2, 3, 1, 0]);
    }),
  );
  const { strides, pad, dilations, bias } = optionsOf(context);
  return (x) => {
    const shares = tf.split<tfjs.Tensor4D>(x, groups, 3);
    const parts = filters.map((filter, group) =>
      tf.conv2d<tfjs.Tensor4D>(shares[group] ?? x, filter, strides, pad, 'NHWC', dilations),
    );
    const y = tf.concat4d(parts, 3);
    return bias === undefined ? y : tf.add(y, bias);
  };
}

function filterShape({ attributes, node }: KernelContext<'conv'>): [number, number, number, number] {
  const { out, groups, kernel } = attributes;
  return [out, first(node.inputs).channels / groups, kernel, kernel];
}

interface ConvolutionOptions {
  readonly strides: [number, number];
  readonly pad: Padding;
  readonly dilations: [number, number];
  readonly bias?: TfTensor;
}

function optionsOf(context: KernelContext<'conv'>): ConvolutionOptions {
  const { stride, dilation = 1 } = context.attributes;
  const bias = keptBias(context);
  const pad = padding(...paddingOf(context.attributes));
  return { strides: [stride, stride], pad, dilations: [dilation, dilation], ...(bias === undefined ? {} : { bias }) };
}
