/** What pooling, resizing and rearranging leave to their inputs. */
import type { PoolAttributes } from '../../operations/pooling.js';
import type { UnshuffleAttributes } from '../../operations/rearranging.js';
import type {
  PositionEmbeddingGradientAttributes,
  ResamplingGradientAttributes,
} from '../../operations/rearranging_gradients.js';
import { windowIndices } from '../adaptive_pooling.js';
import type { OnnxEmitter } from '../emitter.js';
import { range, side } from '../tensors.js';
import { zeros } from './sizes.js';

interface Context<Attributes> {
  readonly onnx: OnnxEmitter;
  readonly inputs: readonly string[];
  readonly attributes: Attributes;
}

/** Rows and columns apart, a product each with the shares that the operation has of single pixels. */
export function resamplingGradient(context: Context<ResamplingGradientAttributes>): string {
  const { onnx, inputs, attributes } = context;
  const [x = '', gradient = ''] = inputs;
  const [rows = '', columns = ''] = ([2, 3] as const).map((axis) =>
    shares(onnx, side(onnx, x, axis), side(onnx, gradient, axis), attributes),
  );
  return turnedBack(onnx, gradient, rows, columns);
}

/** rowsᵀ · gradient · columns. */
function turnedBack(onnx: OnnxEmitter, gradient: string, rows: string, columns: string): string {
  const turned = onnx.node('Transpose', [rows], { perm: [0, 1, 3, 2] });
  return onnx.node('MatMul', [turned, onnx.node('MatMul', [gradient, columns])]);
}

/** What the operation makes of a map whose rows are single pixels: [1, 1, after, before]. */
function shares(onnx: OnnxEmitter, before: string, after: string, attributes: ResamplingGradientAttributes): string {
  const square = zeros(onnx, onnx.node('Concat', [before, before], { axis: 0 }));
  const single = onnx.node('Unsqueeze', [onnx.node('EyeLike', [square]), onnx.integers(0, 1)]);
  const sizes = onnx.node('Concat', [onnx.integers(1, 1), after, before], { axis: 0 });
  switch (attributes.of) {
    case 'nearest':
      return onnx.node('Resize', [single, '', '', sizes], {
        mode: 'nearest',
        coordinate_transformation_mode: 'asymmetric',
        nearest_mode: 'floor',
      });
    case 'bilinear':
      return onnx.node('Resize', [single, '', '', sizes], {
        mode: 'linear',
        coordinate_transformation_mode: attributes.alignCorners ? 'align_corners' : 'half_pixel',
      });
    case 'averagePool': {
      const { kernel } = attributes;
      return onnx.node('AveragePool', [single], {
        kernel_shape: [kernel, 1],
        strides: [kernel, 1],
        pads: [0, 0, kernel - 1, 0],
      });
    }
    case 'averageAround': {
      const half = attributes.kernel >> 1;
      return onnx.node('AveragePool', [single], {
        kernel_shape: [attributes.kernel, 1],
        strides: [1, 1],
        pads: [half, 0, half, 0],
      });
    }
  }
}

/** At the sizes that it was learned for and has now; rows before the first pixel's get nothing. */
export function positionEmbeddingGradient({
  onnx,
  inputs: [gradient = ''],
  attributes: { height, width, skip = 0 },
}: Context<PositionEmbeddingGradientAttributes>): string {
  const sum = onnx.node('ReduceSum', [gradient, onnx.integers(0)], { keepdims: 1 });
  const bilinear = { of: 'bilinear', alignCorners: false } as const;
  const [rows = '', columns = ''] = [height, width].map((length, i) =>
    shares(onnx, onnx.integers(length), side(onnx, gradient, 2 + i), bilinear),
  );
  const learned = onnx.node('Transpose', [turnedBack(onnx, sum, rows, columns)], { perm: [0, 2, 3, 1] });
  const pixels = onnx.node('Reshape', [learned, onnx.integers(1, height * width, -1)]);
  return skip === 0 ? pixels : onnx.node('Pad', [pixels, onnx.integers(0, skip, 0, 0, 0, 0)]);
}

/** The pooling tells which pixel it took of each window, counted through the whole batch; windows may share one. */
export function maxPoolGradient({ onnx, inputs, attributes }: Context<PoolAttributes>): string {
  const [x = '', gradient = ''] = inputs;
  const { kernel, stride, pad } = attributes;
  if (onnx.forWebgpu) return ofWindows(onnx, { x, gradient }, attributes);
  const [, taken = ''] = onnx.nodes('MaxPool', [x], 2, {
    kernel_shape: [kernel, kernel],
    strides: [stride, stride],
    pads: [pad, pad, pad, pad],
  });
  const flat = (values: string) => onnx.node('Reshape', [values, onnx.integers(-1)]);
  const empty = zeros(onnx, onnx.node('Reshape', [onnx.node('Size', [x]), onnx.integers(1)]));
  const scattered = onnx.node('ScatterElements', [empty, flat(taken), flat(gradient)], { axis: 0, reduction: 'add' });
  return onnx.node('Reshape', [scattered, onnx.node('Shape', [x])]);
}

/**
 * Where MaxPool gives no indices: of each row the largest of the columns that a window has, then of those the largest of its
 * rows. Of equal ones that is the first in reading order, which MaxPool takes too. A window that lies over the edge sees the
 * last pixel again.
 */
function ofWindows(
  onnx: OnnxEmitter,
  { x, gradient }: { readonly x: string; readonly gradient: string },
  attributes: PoolAttributes,
): string {
  const columnIndices = poolingIndices(onnx, side(onnx, x, 3), side(onnx, gradient, 3), attributes);
  const columns = onnx.node('Gather', [x, columnIndices], { axis: 3 });
  const largest = onnx.node('ReduceMax', [columns], { axes: [4], keepdims: 0 });
  const rowIndices = poolingIndices(onnx, side(onnx, x, 2), side(onnx, gradient, 2), attributes);
  const rows = onnx.node('Gather', [largest, rowIndices], { axis: 2 });
  const between = toLargest(onnx, { from: largest, windows: rows, indices: rowIndices, gradient }, 2);
  return toLargest(onnx, { from: x, windows: columns, indices: columnIndices, gradient: between }, 3);
}

/** The pixels of each window along an axis, [windows, kernel]; what lies beyond the edge is the pixel at the edge. */
function poolingIndices(onnx: OnnxEmitter, before: string, after: string, { kernel, stride, pad }: PoolAttributes) {
  const starts = onnx.node('Mul', [range(onnx, after), onnx.integers(stride)]);
  const places = Array.from({ length: kernel }, (_, i) => i - pad);
  const reached = onnx.node('Add', [onnx.node('Unsqueeze', [starts, onnx.integers(1)]), onnx.integers(...places)]);
  const last = onnx.node('Sub', [before, onnx.integers(1)]);
  return onnx.node('Max', [onnx.node('Min', [reached, last]), onnx.integers(0)]);
}

/** Columns first and rows then, the other way round than the pooling went. */
export function adaptiveMaxPoolGradient({ onnx, inputs }: Context<unknown>): string {
  const [x = '', gradient = ''] = inputs;
  const rowIndices = windowIndices(onnx, x, gradient, 2);
  const rows = onnx.node('Gather', [x, rowIndices], { axis: 2 });
  const largest = onnx.node('ReduceMax', [rows], { axes: [3], keepdims: 0 });
  const columnIndices = windowIndices(onnx, x, gradient, 3);
  const columns = onnx.node('Gather', [largest, columnIndices], { axis: 3 });
  const between = toLargest(onnx, { from: largest, windows: columns, indices: columnIndices, gradient }, 3);
  return toLargest(onnx, { from: x, windows: rows, indices: rowIndices, gradient: between }, 2);
}

interface Windows {
  /** What was gathered from. */
  readonly from: string;
  /** Gathered, with the pixels of a window along `axis + 1`. */
  readonly windows: string;
  readonly indices: string;
  readonly gradient: string;
}

/** Adds each window's gradient to the pixel that it took: where in the window it lies, then which pixel that is. */
function toLargest(onnx: OnnxEmitter, { from, windows, indices, gradient }: Windows, axis: 2 | 3): string {
  const place = onnx.node('ArgMax', [windows], { axis: axis + 1, keepdims: 1 });
  // [windows, pixels] as a map of every batch, channel and, where rows are pooled, column.
  const aligned = axis === 2 ? onnx.node('Unsqueeze', [indices, onnx.integers(2)]) : indices;
  const everywhere = onnx.node('Expand', [aligned, onnx.node('Shape', [windows])]);
  const taken = onnx.node('GatherElements', [everywhere, place], { axis: axis + 1 });
  const pixels = onnx.node('Squeeze', [taken, onnx.integers(axis + 1)]);
  const empty = zeros(onnx, onnx.node('Shape', [from]));
  return onnx.node('ScatterElements', [empty, pixels, gradient], { axis, reduction: 'add' });
}

export function pixelShuffle({
  onnx,
  inputs: [x = ''],
  attributes: { factor, order },
  channels,
}: Context<UnshuffleAttributes> & { readonly channels: number }): string {
  const [rows = '', columns = ''] = [2, 3].map((axis) => side(onnx, x, axis));
  const parts = { channelFirst: [channels, factor, factor], columnFirst: [factor, factor, channels] }[order];
  const apart = onnx.node('Reshape', [
    x,
    onnx.node('Concat', [onnx.integers(0, ...parts), rows, columns], { axis: 0 }),
  ]);
  const perm = { channelFirst: [0, 1, 4, 2, 5, 3], columnFirst: [0, 3, 4, 2, 5, 1] }[order];
  const turned = onnx.node('Transpose', [apart], { perm });
  const sides = [rows, columns].map((length) => onnx.node('Mul', [length, onnx.integers(factor)]));
  return onnx.node('Reshape', [turned, onnx.node('Concat', [onnx.integers(0, channels), ...sides], { axis: 0 })]);
}
