import type { GraphNode } from '../graph.js';
import type { ConvAttributes } from '../operations/convolution.js';
import type { OperationAttributes, OperationName } from '../operations/index.js';
import type { OnnxAttribute, OnnxEmitter } from './emitter.js';

/** The ONNX opset that the kernels below are written in. 17 is read by every runtime of the last years. */
export const OPSET = 17;

interface KernelContext<Name extends OperationName> {
  readonly onnx: OnnxEmitter;
  /** Names of the input tensors. */
  readonly inputs: readonly string[];
  readonly attributes: OperationAttributes[Name];
  readonly node: GraphNode<Name>;
  /** The initializer of a role; '' where the operation has none. */
  readonly parameter: (role: string) => string;
}
/** Writes an operation in ONNX and gives the name of its output. */
export type OnnxKernel<Name extends OperationName> = (context: KernelContext<Name>) => string;

const unary =
  (opType: string) =>
  ({ onnx, inputs }: { readonly onnx: OnnxEmitter; readonly inputs: readonly string[] }): string =>
    onnx.node(opType, inputs);

function convolution(opType: string): OnnxKernel<'conv' | 'convTranspose'> {
  return ({ onnx, inputs: [x = ''], attributes, parameter }) => {
    const bias = parameter('bias');
    return onnx.node(
      opType,
      [x, parameter('weight'), ...(bias === '' ? [] : [bias])],
      convolutionAttributes(attributes),
    );
  };
}

function convolutionAttributes({
  kernel,
  stride,
  pad,
  groups,
}: ConvAttributes): Readonly<Record<string, OnnxAttribute>> {
  return {
    kernel_shape: [kernel, kernel],
    strides: [stride, stride],
    pads: [pad, pad, pad, pad],
    dilations: [1, 1],
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

export const onnxKernels: { readonly [Name in OperationName]: OnnxKernel<Name> } = {
  conv: convolution('Conv'),
  convTranspose: convolution('ConvTranspose'),
  linear: ({ onnx, inputs: [x = ''], parameter }) => {
    const bias = parameter('bias');
    return onnx.node('Gemm', [x, parameter('weight'), ...(bias === '' ? [] : [bias])], { transB: 1 });
  },
  batchNorm: ({ onnx, inputs: [x = ''], attributes: { epsilon }, parameter }) => {
    const statistics = ['weight', 'bias', 'running_mean', 'running_var'].map(parameter);
    return onnx.node('BatchNormalization', [x, ...statistics], { epsilon: { float: epsilon } });
  },
  // ONNX has GroupNormalization only from opset 18, with other weights; instance norm over [N, groups, rest] is the same.
  groupNorm: ({ onnx, inputs: [x = ''], attributes: { groups, epsilon }, parameter, node }) => {
    const grouped = onnx.node('Reshape', [x, onnx.integers(0, groups, -1)]);
    const unit = [1, 0].map((value) => onnx.vector(...new Array<number>(groups).fill(value)));
    const normal = onnx.node('InstanceNormalization', [grouped, ...unit], { epsilon: { float: epsilon } });
    const restored = onnx.node('Reshape', [normal, onnx.node('Shape', [x])]);
    const channels = onnx.integers(node.output.channels, 1, 1);
    const weight = onnx.node('Reshape', [parameter('weight'), channels]);
    const bias = onnx.node('Reshape', [parameter('bias'), channels]);
    return onnx.node('Add', [onnx.node('Mul', [restored, weight]), bias]);
  },
  layerNorm: ({ onnx, inputs: [x = ''], attributes: { epsilon }, parameter }) =>
    onnx.node('LayerNormalization', [x, parameter('weight'), parameter('bias')], {
      axis: -1,
      epsilon: { float: epsilon },
    }),
  relu: unary('Relu'),
  relu6: ({ onnx, inputs: [x = ''] }) => onnx.node('Clip', [x, onnx.scalar(0), onnx.scalar(6)]),
  hardswish: unary('HardSwish'),
  silu: ({ onnx, inputs: [x = ''] }) => onnx.node('Mul', [x, onnx.node('Sigmoid', [x])]),
  sigmoid: unary('Sigmoid'),
  // Written with Erf, which runtimes recognise and fuse; a Gelu operation exists only from opset 20.
  gelu: ({ onnx, inputs: [x = ''], attributes: { approximate } }) => {
    const gate =
      approximate === 'tanh' ? gateTanh(onnx, x) : onnx.node('Erf', [onnx.node('Div', [x, onnx.scalar(Math.SQRT2)])]);
    return onnx.node('Mul', [onnx.node('Mul', [x, onnx.node('Add', [gate, onnx.scalar(1)])]), onnx.scalar(0.5)]);
  },
  scale: ({ onnx, inputs: [x = ''], attributes: { factor } }) => onnx.node('Mul', [x, onnx.scalar(factor)]),
  add: unary('Add'),
  multiply: unary('Mul'),
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
  globalAveragePool: ({ onnx, inputs }) => onnx.node('Flatten', [onnx.node('GlobalAveragePool', inputs)], { axis: 1 }),
  // Channels stay before pixels throughout: runtimes run a product with a transposed operand without moving it.
  attention: ({ onnx, inputs: [x = ''], attributes: { heads, headDim } }) => {
    const perHead = onnx.node('Reshape', [x, onnx.integers(0, heads, 3 * headDim, -1)]);
    const split = onnx.integers(headDim, headDim, headDim);
    const [query = '', key = '', value = ''] = onnx.nodes('Split', [perHead, split], 3, { axis: 2 });
    const queries = onnx.node('Transpose', [query], { perm: [0, 1, 3, 2] });
    const scores = onnx.node('Mul', [onnx.node('MatMul', [queries, key]), onnx.scalar(1 / Math.sqrt(headDim))]);
    const weights = onnx.node('Transpose', [onnx.node('Softmax', [scores], { axis: -1 })], { perm: [0, 1, 3, 2] });
    const mixed = onnx.node('MatMul', [value, weights]);
    const pixels = onnx.node('Shape', [x], { start: 2, end: 4 });
    const shape = onnx.node('Concat', [onnx.integers(0, heads * headDim), pixels], { axis: 0 });
    return onnx.node('Reshape', [mixed, shape]);
  },
};

/** tanh(sqrt(2/pi) * (x + 0.044715 x^3)). */
function gateTanh(onnx: OnnxEmitter, x: string): string {
  const cube = onnx.node('Mul', [onnx.node('Mul', [x, x]), x]);
  const inner = onnx.node('Add', [x, onnx.node('Mul', [cube, onnx.scalar(0.044715)])]);
  return onnx.node('Tanh', [onnx.node('Mul', [inner, onnx.scalar(Math.sqrt(2 / Math.PI))])]);
}
