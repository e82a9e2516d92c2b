import { scoreScale } from '../operations/attention.js';
import { type ConvAttributes, paddingOf } from '../operations/convolution.js';
import type { ForwardName } from '../operations/index.js';
import type { Value } from '../value.js';
import { adaptiveMaxPoolLike } from './adaptive_pooling.js';
import { bestClasses } from './best_classes.js';
import { borderCorrection, borderRing } from './border.js';
import { convAt } from './conv_at.js';
import type { OnnxAttribute, OnnxEmitter } from './emitter.js';
import { type OnnxKernel, oneNode } from './kernel.js';
import { unpackPixels } from './packed_pixels.js';
import { paddedChannels } from './padded_channels.js';
import { depthToSpace, padToMultiple, pixelUnshuffle } from './rearranging.js';
import { softmax } from './tensors.js';
import { joinRows, topRows } from './top_rows.js';
import { paddedWindowAttention, shiftedWindowAttention } from './window_attention.js';
import { winogradConv } from './winograd.js';

/** The ONNX opset that the kernels below are written in. 17 is read by every runtime of the last years. */
export const OPSET = 17;

function convolution(opType: 'Conv' | 'ConvTranspose'): OnnxKernel<'conv' | 'convTranspose'> {
  return ({ onnx, inputs: [x = ''], attributes, parameter, node }) => {
    const bias = parameter('bias');
    const weight = parameter('weight');
    const given = { x, weight, channels: node.inputs[0]?.channels ?? 0 };
    const taken = opType === 'Conv' ? paddedChannels(onnx, given, attributes) : [x, weight];
    return onnx.node(opType, [...taken, ...(bias === '' ? [] : [bias])], convolutionAttributes(attributes));
  };
}

function convolutionAttributes({
  kernel,
  stride,
  pad,
  groups,
  dilation = 1,
}: ConvAttributes): Readonly<Record<string, OnnxAttribute>> {
  const [before, after] = paddingOf({ pad });
  return {
    kernel_shape: [kernel, kernel],
    strides: [stride, stride],
    pads: [before, before, after, after],
    dilations: [dilation, dilation],
    group: groups,
  };
}

/** Batch and channels of `x`, height and width of `like`: the `sizes` of a Resize. */
function sizesLike(onnx: OnnxEmitter, x: string, like: string): string {
  const outer = onnx.node('Shape', [x], { start: 0, end: 2 });
  const inner = onnx.node('Shape', [like], { start: 2, end: 4 });
  return onnx.node('Concat', [outer, inner], { axis: 0 });
}

const NEAREST = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' } as const;

const bilinear = (alignCorners: boolean) => ({
  mode: 'linear',
  coordinate_transformation_mode: alignCorners ? 'align_corners' : 'half_pixel',
});

export const onnxKernels: { readonly [Name in ForwardName]: OnnxKernel<Name> } = {
  conv: convolution('Conv'),
  convAt,
  convTranspose: convolution('ConvTranspose'),
  winogradConv: ({ node, ...context }) => winogradConv({ ...context, channels: node.inputs[0]?.channels ?? 0 }),
  linear: ({ onnx, inputs: [x = ''], parameter, node }) =>
    affine(onnx, node.output.kind, x, parameter('weight'), parameter('bias')),
  packedLinear: ({ onnx, inputs: [x = ''], attributes: { first, out }, parameter, node }) => {
    const rows = (packed: string) =>
      packed === ''
        ? ''
        : onnx.node('Slice', [packed, onnx.integers(first), onnx.integers(first + out), onnx.integers(0)]);
    return affine(onnx, node.output.kind, x, rows(parameter('weight')), rows(parameter('bias')));
  },
  batchNorm: ({ onnx, inputs: [x = ''], attributes: { epsilon }, parameter }) => {
    const statistics = ['weight', 'bias', 'running_mean', 'running_var'].map(parameter);
    const normal = onnx.node('BatchNormalization', [onnx.widen(x), ...statistics], { epsilon: { float: epsilon } });
    return onnx.narrow(normal);
  },
  // ONNX has GroupNormalization only from opset 18, with other weights; instance norm over [N, groups, rest] is the same.
  groupNorm: ({ onnx, inputs: [x = ''], attributes: { groups, epsilon }, parameter, node }) => {
    const grouped = onnx.node('Reshape', [onnx.widen(x), onnx.integers(0, groups, -1)]);
    const unit = [1, 0].map((value) => onnx.vector(...new Array<number>(groups).fill(value)));
    const normal = onnx.node('InstanceNormalization', [grouped, ...unit], { epsilon: { float: epsilon } });
    const restored = onnx.node('Reshape', [onnx.narrow(normal), onnx.node('Shape', [x])]);
    const channels = onnx.integers(node.output.channels, 1, 1);
    const weight = onnx.node('Reshape', [parameter('weight'), channels]);
    const bias = onnx.node('Reshape', [parameter('bias'), channels]);
    return onnx.node('Add', [onnx.node('Mul', [restored, weight]), bias]);
  },
  // ONNX normalises the last axes: a map's channels go there, and back.
  layerNorm: ({ onnx, inputs: [x = ''], attributes: { epsilon }, parameter, node }) => {
    const isMap = node.output.kind === 'map';
    const channelsLast = isMap ? onnx.node('Transpose', [x], { perm: [0, 2, 3, 1] }) : x;
    const normal = onnx.node('LayerNormalization', [channelsLast, parameter('weight'), parameter('bias')], {
      axis: -1,
      epsilon: { float: epsilon },
    });
    return isMap ? onnx.node('Transpose', [normal], { perm: [0, 3, 1, 2] }) : normal;
  },
  // The norms in float32 in every precision: squares of a whole map leave the range of float16.
  globalResponseNorm: ({ onnx, inputs: [x = ''], attributes: { epsilon }, parameter, node }) => {
    const norms = onnx.node('ReduceL2', [onnx.widen(x)], { axes: [2, 3], keepdims: 1 });
    const mean = onnx.node('ReduceMean', [norms], { axes: [1], keepdims: 1 });
    const response = onnx.narrow(onnx.node('Div', [norms, onnx.node('Add', [mean, onnx.vector(epsilon)])]));
    const channels = onnx.integers(node.output.channels, 1, 1);
    const gain = onnx.node('Mul', [response, onnx.node('Reshape', [parameter('weight'), channels])]);
    const moved = onnx.node('Add', [onnx.node('Mul', [x, gain]), onnx.node('Reshape', [parameter('bias'), channels])]);
    return onnx.node('Add', [x, moved]);
  },
  relu: oneNode('Relu'),
  relu6: ({ onnx, inputs: [x = ''] }) => onnx.node('Clip', [x, onnx.scalar(0), onnx.scalar(6)]),
  hardswish: oneNode('HardSwish'),
  silu: ({ onnx, inputs: [x = ''] }) => onnx.node('Mul', [x, onnx.node('Sigmoid', [x])]),
  sigmoid: oneNode('Sigmoid'),
  exp: oneNode('Exp'),
  // Written with Erf, which runtimes recognise and fuse; a Gelu operation exists only from opset 20.
  gelu: ({ onnx, inputs: [x = ''], attributes: { approximate } }) => {
    const gate =
      approximate === 'tanh' ? gateTanh(onnx, x) : onnx.node('Erf', [onnx.node('Div', [x, onnx.scalar(Math.SQRT2)])]);
    return onnx.node('Mul', [onnx.node('Mul', [x, onnx.node('Add', [gate, onnx.scalar(1)])]), onnx.scalar(0.5)]);
  },
  scale: ({ onnx, inputs: [x = ''], attributes: { factor } }) => onnx.node('Mul', [x, onnx.scalar(factor)]),
  channelScale: ({ onnx, inputs: [x = ''], attributes: { flat = false }, parameter, node }) => {
    const gamma = parameter('gamma');
    const factors = flat ? onnx.node('Reshape', [gamma, onnx.integers(node.output.channels, 1, 1)]) : gamma;
    return onnx.node('Mul', [x, factors]);
  },
  learnedScale: ({ onnx, inputs: [x = ''], parameter }) => onnx.node('Mul', [x, parameter('scale')]),
  add: oneNode('Add'),
  subtract: oneNode('Sub'),
  multiply: oneNode('Mul'),
  gate: oneNode('Mul'),
  concatenate: ({ onnx, inputs }) => onnx.node('Concat', inputs, { axis: 1 }),
  resizeNearestLike: ({ onnx, inputs: [x = '', like = ''] }) =>
    onnx.node('Resize', [x, '', '', sizesLike(onnx, x, like)], NEAREST),
  resizeBilinearLike: ({ onnx, inputs: [x = '', like = ''], attributes: { alignCorners } }) =>
    onnx.node('Resize', [x, '', '', sizesLike(onnx, x, like)], bilinear(alignCorners)),
  resizeBilinear: ({ onnx, inputs: [x = ''], attributes: { alignCorners, factor } }) =>
    onnx.node('Resize', [x, '', onnx.vector(1, 1, factor, factor)], bilinear(alignCorners)),
  resizeNearest: ({ onnx, inputs: [x = ''], attributes: { factor } }) =>
    onnx.node('Resize', [x, '', onnx.vector(1, 1, factor, factor)], NEAREST),
  cropLike: ({ onnx, inputs: [x = '', like = ''] }) => {
    const ends = onnx.node('Shape', [like], { start: 2, end: 4 });
    return onnx.node('Slice', [x, onnx.integers(0, 0), ends, onnx.integers(2, 3)]);
  },
  maxPool: ({ onnx, inputs, attributes: { kernel, stride, pad } }) =>
    onnx.node('MaxPool', inputs, {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads: [pad, pad, pad, pad],
    }),
  // Padded behind, and padding not counted: what `ceil_mode` says, which not every runtime knows.
  averagePool: ({ onnx, inputs, attributes: { kernel } }) =>
    onnx.node('AveragePool', inputs, {
      kernel_shape: [kernel, kernel],
      strides: [kernel, kernel],
      pads: [0, 0, kernel - 1, kernel - 1],
    }),
  averageAround: ({ onnx, inputs, attributes: { kernel } }) =>
    onnx.node('AveragePool', inputs, {
      kernel_shape: [kernel, kernel],
      strides: [1, 1],
      pads: new Array<number>(4).fill(kernel >> 1),
    }),
  averageToPixel: wholeMean,
  adaptiveMaxPoolLike,
  globalAveragePool: ({ onnx, inputs }) => onnx.node('Flatten', [wholeMean({ onnx, inputs })], { axis: 1 }),
  // Channels stay before pixels throughout: runtimes run a product with a transposed operand without moving it.
  attention: ({ onnx, inputs: [x = ''], attributes }) => {
    const { heads, headDim, layout = 'headFirst' } = attributes;
    const together = { headFirst: [heads, 3 * headDim], roleFirst: [3 * heads, headDim] }[layout];
    const [axis, share] = { headFirst: [2, headDim] as const, roleFirst: [1, heads] as const }[layout];
    const perHead = onnx.node('Reshape', [x, onnx.integers(0, ...together, -1)]);
    const [query = '', key = '', value = ''] = onnx.nodes('Split', [perHead, onnx.integers(share, share, share)], 3, {
      axis,
    });
    const queries = onnx.node('Transpose', [query], { perm: [0, 1, 3, 2] });
    const scores = onnx.node('Mul', [onnx.node('MatMul', [queries, key]), onnx.scalar(scoreScale(attributes))]);
    const weights = onnx.node('Transpose', [softmax(onnx, scores)], { perm: [0, 1, 3, 2] });
    const mixed = onnx.node('MatMul', [value, weights]);
    const pixels = onnx.node('Shape', [x], { start: 2, end: 4 });
    const shape = onnx.node('Concat', [onnx.integers(0, heads * headDim), pixels], { axis: 0 });
    return onnx.node('Reshape', [mixed, shape]);
  },
  // The keys' sum becomes one more row of the small matrix, so that one product gives numerators and denominators.
  // In float32 throughout, as the reference does: sums over all pixels leave the range of float16.
  linearAttention: ({ onnx, inputs: [x = ''], attributes: { heads, headDim, epsilon } }) => {
    const perHead = onnx.node('Reshape', [onnx.widen(x), onnx.integers(0, heads, 3 * headDim, -1)]);
    const split = onnx.integers(headDim, headDim, headDim);
    const [query = '', key = '', value = ''] = onnx.nodes('Split', [perHead, split], 3, { axis: 2 });
    const keys = onnx.node('Relu', [key]);
    const values = onnx.node('MatMul', [value, onnx.node('Transpose', [keys], { perm: [0, 1, 3, 2] })]);
    const sum = onnx.node('ReduceSum', [keys, onnx.integers(3)], { keepdims: 0 });
    const rows = onnx.node('Concat', [values, onnx.node('Unsqueeze', [sum, onnx.integers(2)])], { axis: 2 });
    const mixed = onnx.node('MatMul', [rows, onnx.node('Relu', [query])]);
    const [above = '', below = ''] = onnx.nodes('Split', [mixed, onnx.integers(headDim, 1)], 2, { axis: 2 });
    const normal = onnx.node('Div', [above, onnx.node('Add', [below, onnx.vector(epsilon)])]);
    const pixels = onnx.node('Shape', [x], { start: 2, end: 4 });
    return onnx.node('Reshape', [
      onnx.narrow(normal),
      onnx.node('Concat', [onnx.integers(0, heads * headDim), pixels], { axis: 0 }),
    ]);
  },
  crossAttention: ({ onnx, inputs: [query = '', keyValue = ''], attributes }) => {
    const { heads, headDim } = attributes;
    const perHead = onnx.node('Reshape', [query, onnx.integers(0, heads, headDim, -1)]);
    const keysValues = onnx.node('Reshape', [keyValue, onnx.integers(0, 2 * heads, headDim, -1)]);
    const [key = '', value = ''] = onnx.nodes('Split', [keysValues, onnx.integers(heads, heads)], 2, { axis: 1 });
    const queries = onnx.node('Transpose', [perHead], { perm: [0, 1, 3, 2] });
    const scores = onnx.node('Mul', [onnx.node('MatMul', [queries, key]), onnx.scalar(scoreScale(attributes))]);
    const weights = softmax(onnx, scores);
    // Of the product's operands the weights are by far the larger here: they stay as they are, and the result is turned.
    const mixed = onnx.node('MatMul', [weights, onnx.node('Transpose', [value], { perm: [0, 1, 3, 2] })]);
    const turned = onnx.node('Transpose', [mixed], { perm: [0, 1, 3, 2] });
    return onnx.node('Reshape', [turned, onnx.node('Shape', [query])]);
  },
  shiftedWindowAttention,
  paddedWindowAttention,
  padToMultiple,
  pixelUnshuffle: ({ onnx, inputs, attributes, node }) =>
    pixelUnshuffle({ onnx, inputs, attributes, channels: node.output.channels }),
  depthToSpace: ({ onnx, inputs, attributes, node }) =>
    depthToSpace({ onnx, inputs, attributes, channels: node.output.channels }),
  topRows,
  joinRows,
  unpackPixels,
  bestClasses,
  borderRing,
  borderCorrection,
  positionEmbedding: ({ onnx, inputs: [x = ''], attributes: { height, width, skip = 0 }, parameter }) => {
    const bounds = () => [skip, skip + height * width, 1].map((at) => onnx.integers(at));
    const embedding = parameter('embedding');
    const pixelsOnly = skip === 0 ? embedding : onnx.node('Slice', [embedding, ...bounds()]);
    const rows = onnx.node('Reshape', [pixelsOnly, onnx.integers(1, height, width, -1)]);
    const learned = onnx.node('Transpose', [rows], { perm: [0, 3, 1, 2] });
    const pixels = onnx.node('Shape', [x], { start: 2, end: 4 });
    const sizes = onnx.node('Concat', [onnx.node('Shape', [learned], { start: 0, end: 2 }), pixels], { axis: 0 });
    return onnx.node('Add', [x, onnx.node('Resize', [learned, '', '', sizes], bilinear(false))]);
  },
};

/** A linear layer on a vector, or at every pixel of a map; `bias` may be ''. */
function affine(onnx: OnnxEmitter, kind: Value['kind'], x: string, weight: string, bias: string): string {
  const biases = bias === '' ? [] : [bias];
  if (kind === 'vector') return onnx.node('Gemm', [x, weight, ...biases], { transB: 1 });
  return onnx.node('Conv', [x, onnx.node('Unsqueeze', [weight, onnx.integers(2, 3)]), ...biases]);
}

function wholeMean({
  onnx,
  inputs: [x = ''],
}: {
  readonly onnx: OnnxEmitter;
  readonly inputs: readonly string[];
}): string {
  return onnx.narrow(onnx.node('GlobalAveragePool', [onnx.widen(x)]));
}

/** tanh(sqrt(2/pi) * (x + 0.044715 x^3)). */
function gateTanh(onnx: OnnxEmitter, x: string): string {
  const cube = onnx.node('Mul', [onnx.node('Mul', [x, x]), x]);
  const inner = onnx.node('Add', [x, onnx.node('Mul', [cube, onnx.scalar(0.044715)])]);
  return onnx.node('Tanh', [onnx.node('Mul', [inner, onnx.scalar(Math.sqrt(2 / Math.PI))])]);
}
