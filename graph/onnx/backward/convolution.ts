/** What convolutions and linear layers leave to their inputs and weights. */
import { type ConvAttributes, paddingOf } from '../../operations/convolution.js';
import type { LinearInputGradientAttributes, PlaceRowsAttributes } from '../../operations/convolution_gradients.js';
import type { Value } from '../../value.js';
import type { OnnxEmitter } from '../emitter.js';
import { paddedChannels } from '../padded_channels.js';
import { cropTo, END } from './sizes.js';

interface Context<Attributes> {
  readonly onnx: OnnxEmitter;
  readonly inputs: readonly string[];
  readonly attributes: Attributes;
  readonly parameter: (role: string) => string;
  readonly node: { readonly inputs: readonly Value[]; readonly output: Value };
}

/**
 * Where the stride is 1, a convolution with the kernel turned: convolutions have the faster kernels. Else a transposed one,
 * as long as any remainder of the division by the stride may make it, and cut.
 */
export function convInputGradient(context: Context<ConvAttributes>): string {
  const { onnx, inputs, attributes, parameter, node } = context;
  const [x = '', gradient = ''] = inputs;
  const { kernel, stride, groups, dilation = 1 } = attributes;
  const [before, after] = paddingOf(attributes);
  const reach = dilation * (kernel - 1);
  const common = { kernel_shape: [kernel, kernel], dilations: [dilation, dilation], group: groups };
  if (stride === 1 && before <= reach && after <= reach) {
    const turned = turnedWeight(onnx, parameter('weight'), attributes, node.inputs[0]?.channels ?? 0);
    const pads = [reach - before, reach - before, reach - after, reach - after];
    const taken = { x: gradient, weight: turned, channels: attributes.out };
    return onnx.node('Conv', paddedChannels(onnx, taken, attributes), { ...common, strides: [1, 1], pads });
  }
  const whole = onnx.node('ConvTranspose', [gradient, parameter('weight')], {
    ...common,
    strides: [stride, stride],
    pads: [before, before, after, after],
    output_padding: [stride - 1, stride - 1],
  });
  return stride === 1 ? whole : cropTo(onnx, whole, x);
}

/** [out, in/groups, k, k] -> [in, out/groups, k, k], rows and columns backwards. */
function turnedWeight(onnx: OnnxEmitter, weight: string, { out, groups, kernel }: ConvAttributes, channels: number) {
  const [share, outShare] = [channels / groups, out / groups];
  const swapped =
    share === 1 && outShare === 1
      ? weight
      : groups === 1
        ? onnx.node('Transpose', [weight], { perm: [1, 0, 2, 3] })
        : onnx.node('Reshape', [
            onnx.node(
              'Transpose',
              [onnx.node('Reshape', [weight, onnx.integers(groups, outShare, share, kernel ** 2)])],
              { perm: [0, 2, 1, 3] },
            ),
            onnx.integers(channels, outShare, kernel, kernel),
          ]);
  if (kernel === 1) return swapped;
  return onnx.node('Slice', [
    swapped,
    onnx.integers(-1, -1),
    onnx.integers(-END, -END),
    onnx.integers(2, 3),
    onnx.integers(-1, -1),
  ]);
}

/**
 * A depthwise one is one convolution of the input with the gradient as its kernel, stride and dilation changing places, the
 * batch as the channels of a group. Others are a product of matrices for each place of the kernel: with the gradient as a
 * kernel as large as the picture they take several times as long.
 */
export function convWeightGradient(context: Context<ConvAttributes>): string {
  const { attributes, node } = context;
  const channels = node.inputs[0]?.channels ?? 0;
  const { out, groups, kernel, dilation = 1 } = attributes;
  if (groups === channels && groups === out && groups > 1) return ofDepthwise(context);
  const [before, after] = paddingOf(attributes);
  const covers = before + after >= dilation * (kernel - 1);
  return groups === 1 && kernel > 1 && covers ? ofShifts(context, channels) : ofProducts(context, channels);
}

function ofDepthwise({ onnx, inputs, attributes }: Context<ConvAttributes>): string {
  const { kernel, stride, groups, dilation = 1 } = attributes;
  const [before, after] = paddingOf(attributes);
  const [x = '', gradient = ''] = inputs.map((input) => onnx.node('Transpose', [input], { perm: [1, 0, 2, 3] }));
  const pixels = onnx.node('Shape', [x], { start: 2, end: 4 });
  const picture = onnx.node('Reshape', [x, onnx.node('Concat', [onnx.integers(1, -1), pixels], { axis: 0 })]);
  const places = onnx.node('Conv', [picture, gradient], {
    strides: [dilation, dilation],
    pads: [before, before, after, after],
    dilations: [stride, stride],
    group: groups,
  });
  // Rows at the lower end that no window of the operation reached may give one place more.
  const cut =
    stride === 1
      ? places
      : onnx.node('Slice', [places, onnx.integers(0, 0), onnx.integers(kernel, kernel), onnx.integers(2, 3)]);
  return onnx.node('Reshape', [cut, onnx.integers(groups, 1, kernel, kernel)]);
}

/**
 * Where the operation keeps the size, or divides it by the stride: both maps with the pictures of a batch one behind another
 * as one long row a channel, with zeros between rows and pictures. What a place of the kernel sees is then that row from a
 * place of its own on, copied in one piece, and one product sums over the batch as well. At a stride the input is first
 * dealt out to one map for each remainder of rows and columns.
 */
function ofShifts({ onnx, inputs: [x = '', gradient = ''], attributes }: Context<ConvAttributes>, channels: number) {
  const { kernel, stride, out, dilation = 1 } = attributes;
  const [before] = paddingOf(attributes);
  /** Whole strides that rows of the kernel lie before and behind the place of a result. */
  const [ahead, behind] = [Math.ceil(before / stride), Math.floor((dilation * (kernel - 1) - before) / stride)];
  const gap = Math.max(ahead, behind, 0);
  const size = (map: string) => onnx.node('Shape', [map], { start: 2, end: 4 });
  const padded = (map: string, ends: string) =>
    onnx.node('Pad', [map, onnx.node('Concat', [onnx.integers(0, 0, 0, 0, 0, 0), ends], { axis: 0 })]);

  const grid = onnx.node('Add', [size(gradient), onnx.integers(gap, gap)]);
  const whole = stride === 1 ? grid : onnx.node('Mul', [grid, onnx.integers(stride, stride)]);
  const inputs = padded(x, onnx.node('Sub', [whole, size(x)]));
  const [rows, columns] = [0, 1].map((at) =>
    onnx.node('Slice', [grid, onnx.integers(at), onnx.integers(at + 1), onnx.integers(0)]),
  );
  const dealt =
    stride === 1
      ? onnx.node('Transpose', [inputs], { perm: [1, 0, 2, 3] })
      : onnx.node('Transpose', [onnx.node('Reshape', [inputs, dealing(onnx, rows ?? '', columns ?? '', stride)])], {
          perm: [3, 5, 1, 0, 2, 4],
        });
  const long = onnx.node('Reshape', [dealt, onnx.integers(stride ** 2, channels, -1)]);
  const along = (row: number, column: number) =>
    onnx.node('Add', [onnx.node('Mul', [columns ?? '', onnx.integers(row)]), onnx.integers(column)]);
  const [front, back] = [along(ahead, ahead), along(Math.max(behind, 0), Math.max(behind, 0))];
  const zeros = onnx.integers(0, 0);
  const seen = onnx.node('Pad', [long, onnx.node('Concat', [zeros, front, zeros, back], { axis: 0 })]);

  const turned = onnx.node('Transpose', [padded(gradient, onnx.integers(gap, gap))], { perm: [1, 0, 2, 3] });
  const gradients = onnx.node('Reshape', [turned, onnx.integers(1, out, -1)]);
  const length = onnx.node('Shape', [gradients], { start: 2, end: 3 });
  const products = Array.from({ length: kernel ** 2 }, (_, i) => {
    const places = [Math.floor(i / kernel), i % kernel].map((at) => at * dilation - before);
    const [row = 0, column = 0] = places.map((at) => Math.floor(at / stride) + ahead);
    const [rowRest = 0, columnRest = 0] = places.map((at) => at - Math.floor(at / stride) * stride);
    const which = rowRest * stride + columnRest;
    const start = along(row, column);
    const piece = onnx.node('Slice', [
      seen,
      onnx.node('Concat', [onnx.integers(which), start], { axis: 0 }),
      onnx.node('Concat', [onnx.integers(which + 1), onnx.node('Add', [start, length])], { axis: 0 }),
      onnx.integers(0, 2),
    ]);
    return onnx.node('MatMul', [gradients, onnx.node('Transpose', [piece], { perm: [0, 2, 1] })]);
  });
  const all = onnx.node('Transpose', [onnx.node('Concat', products, { axis: 0 })], { perm: [1, 2, 0] });
  return onnx.node('Reshape', [all, onnx.integers(out, channels, kernel, kernel)]);
}

/** [N, C, R s, Q s] as [N, C, R, s, Q, s]. */
function dealing(onnx: OnnxEmitter, rows: string, columns: string, stride: number): string {
  const remainder = onnx.integers(stride);
  return onnx.node('Concat', [onnx.integers(0, 0), rows, remainder, columns, remainder], { axis: 0 });
}

function ofProducts({ onnx, inputs, attributes }: Context<ConvAttributes>, channels: number): string {
  const [x = '', gradient = ''] = inputs;
  const { kernel, stride, groups, out, dilation = 1 } = attributes;
  const [before, after] = paddingOf(attributes);
  const rows = (map: string, share: number) =>
    onnx.node('Reshape', [map, groups === 1 ? onnx.integers(0, share, -1) : onnx.integers(0, groups, share, -1)]);
  const gradients = rows(gradient, out / groups);
  const padded =
    before + after === 0 ? x : onnx.node('Pad', [x, onnx.integers(0, 0, before, before, 0, 0, after, after)]);
  const size = onnx.node('Shape', [gradient], { start: 2, end: 4 });
  const span = stride === 1 ? size : onnx.node('Mul', [size, onnx.integers(stride, stride)]);
  const products = Array.from({ length: kernel ** 2 }, (_, i) => {
    const [row, column] = [Math.floor(i / kernel) * dilation, (i % kernel) * dilation];
    const whole = kernel === 1 && stride === 1 && before + after === 0;
    const seen = whole
      ? padded
      : onnx.node('Slice', [
          padded,
          onnx.integers(row, column),
          onnx.node('Add', [span, onnx.integers(row + 1 - stride, column + 1 - stride)]),
          onnx.integers(2, 3),
          onnx.integers(stride, stride),
        ]);
    const turned = onnx.node('Transpose', [rows(seen, channels / groups)], {
      perm: groups === 1 ? [0, 2, 1] : [0, 1, 3, 2],
    });
    const pairs = onnx.node('MatMul', [gradients, turned]);
    return onnx.node('ReduceSum', [pairs, onnx.integers(0)], { keepdims: 0 });
  });
  const shape = onnx.integers(out, channels / groups, kernel, kernel);
  if (kernel === 1) return onnx.node('Reshape', [products[0] ?? '', shape]);
  const places = products.map((product) => onnx.node('Unsqueeze', [product, onnx.integers(-1)]));
  return onnx.node('Reshape', [onnx.node('Concat', places, { axis: -1 }), shape]);
}

export function linearInputGradient(context: Context<LinearInputGradientAttributes>): string {
  const { onnx, inputs, attributes, parameter, node } = context;
  const { packed } = attributes;
  const out = node.inputs[0]?.channels ?? 0;
  const all = parameter('weight');
  const weight =
    packed === undefined
      ? all
      : onnx.node('Slice', [all, onnx.integers(packed.first), onnx.integers(packed.first + out), onnx.integers(0)]);
  if (node.output.kind === 'vector') return onnx.node('MatMul', [inputs[0] ?? '', weight]);
  const kernel = onnx.node('Transpose', [weight], { perm: [1, 0] });
  return onnx.node('Conv', [inputs[0] ?? '', onnx.node('Unsqueeze', [kernel, onnx.integers(2, 3)])]);
}

export function linearWeightGradient({ onnx, inputs, node }: Context<unknown>): string {
  const [x = '', gradient = ''] = inputs;
  if (node.inputs[0]?.kind === 'vector') {
    return onnx.node('MatMul', [onnx.node('Transpose', [gradient], { perm: [1, 0] }), x]);
  }
  const [pixels, gradients] = [x, gradient].map((map, i) =>
    onnx.node('Reshape', [map, onnx.integers(0, node.inputs[i]?.channels ?? 0, -1)]),
  );
  const turned = onnx.node('Transpose', [pixels ?? ''], { perm: [0, 2, 1] });
  const pairs = onnx.node('MatMul', [gradients ?? '', turned]);
  return onnx.node('ReduceSum', [pairs, onnx.integers(0)], { keepdims: 0 });
}

export function placeRows({ onnx, inputs, attributes, node }: Context<PlaceRowsAttributes>): string {
  const [own = 0, ...rest] = node.inputs[0]?.shape ?? [];
  const zeros = rest.map(() => 0);
  const pads = onnx.integers(attributes.first, ...zeros, attributes.rows - attributes.first - own, ...zeros);
  return onnx.node('Pad', [inputs[0] ?? '', pads]);
}
