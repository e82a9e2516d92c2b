import { ofSquares, PIXELS, READ, RESULT, TILE, type WinogradAttributes } from '../operations/winograd.js';
import type { OnnxEmitter } from './emitter.js';
import { FLOAT } from './proto.js';

/**
 * The pixels' transform is a convolution of every channel for itself, which makes 36 of one. Padded by four behind the last row,
 * it has a tile for what is left of a size that is no multiple of four.
 */
export function winogradConv({
  onnx,
  inputs: [x = ''],
  attributes: { out, bias, whole },
  channels,
  parameter,
}: {
  readonly onnx: OnnxEmitter;
  readonly inputs: readonly string[];
  readonly attributes: WinogradAttributes;
  /** Of the input. */
  readonly channels: number;
  readonly parameter: (role: string) => string;
}): string {
  const squares = READ ** 2;
  const pixels = matrix(onnx, 'winograd_pixels', [1, squares, 1, READ, READ], ofSquares(PIXELS));
  const each = onnx.node('Expand', [pixels, onnx.integers(channels, squares, 1, READ, READ)]);
  const filter = onnx.node('Reshape', [each, onnx.integers(channels * squares, 1, READ, READ)]);
  const transformed = onnx.node('Conv', [x, filter], {
    kernel_shape: [READ, READ],
    strides: [TILE, TILE],
    pads: [1, 1, TILE, TILE],
    group: channels,
  });
  const apart = onnx.node('Reshape', [transformed, onnx.integers(0, channels, squares, -1)]);
  const turned = onnx.node('Transpose', [apart], { perm: [0, 2, 1, 3] });
  const product = onnx.node('MatMul', [parameter('weight'), turned]);
  const flat = onnx.node('Reshape', [product, onnx.integers(0, squares, -1)]);
  const result = matrix(onnx, 'winograd_result', [TILE ** 2, squares], ofSquares(RESULT));
  const tiles = onnx.node('Shape', [transformed], { start: 2, end: 4 });
  const shape = onnx.node('Concat', [onnx.integers(0, TILE ** 2 * out), tiles], { axis: 0 });
  const rows = onnx.node('Reshape', [onnx.node('MatMul', [result, flat]), shape]);
  const y = onnx.node('DepthToSpace', [rows], { blocksize: TILE, mode: 'DCR' });
  const biased = bias
    ? onnx.node('Add', [y, onnx.node('Reshape', [parameter('bias'), onnx.integers(1, -1, 1, 1)])])
    : y;
  if (whole) return biased;
  const sides = onnx.node('Shape', [x], { start: 2, end: 4 });
  return onnx.node('Slice', [biased, onnx.integers(0, 0), sides, onnx.integers(2, 3)]);
}

/** A constant in the network's precision. */
function matrix(onnx: OnnxEmitter, name: string, dims: readonly number[], values: readonly number[]): string {
  const rawData = new Uint8Array(Float32Array.from(values).buffer);
  return onnx.narrow(onnx.constant({ name, dims, dataType: FLOAT, rawData }));
}
