import type { OnnxEmitter } from './emitter.js';
import { range, side } from './tensors.js';

/**
 * ONNX has no adaptive pooling to a size that is known only when it runs: the rows of each window are gathered side by
 * side, a short window's last one as often as it takes, and the largest kept; then the columns.
 */
export function adaptiveMaxPoolLike({
  onnx,
  inputs: [x = '', like = ''],
}: {
  readonly onnx: OnnxEmitter;
  readonly inputs: readonly string[];
}): string {
  return largestOver(onnx, largestOver(onnx, x, like, 2), like, 3);
}

/** The largest values over the windows along one axis. */
function largestOver(onnx: OnnxEmitter, x: string, like: string, axis: 2 | 3): string {
  const windows = onnx.node('Gather', [x, windowIndices(onnx, x, like, axis)], { axis });
  return onnx.node('ReduceMax', [windows], { axes: [axis + 1], keepdims: 0 });
}

/** The pixels of each window along an axis, [windows, pixels of the longest]. */
export function windowIndices(onnx: OnnxEmitter, x: string, like: string, axis: 2 | 3): string {
  const [from, to] = [side(onnx, x, axis), side(onnx, like, axis)];
  const [zero, one] = [onnx.integers(0), onnx.integers(1)];
  const numbers = range(onnx, to);
  const starts = onnx.node('Div', [onnx.node('Mul', [numbers, from]), to]);
  // ceil(a / b) = floor((a + b - 1) / b).
  const reach = onnx.node('Mul', [onnx.node('Add', [numbers, one]), from]);
  const ends = onnx.node('Div', [onnx.node('Sub', [onnx.node('Add', [reach, to]), one]), to]);
  const longest = onnx.node('ReduceMax', [onnx.node('Sub', [ends, starts])], { axes: [0], keepdims: 1 });
  const steps = onnx.node('Unsqueeze', [range(onnx, longest), zero]);
  const [first, last] = [starts, onnx.node('Sub', [ends, one])].map((place) => onnx.node('Unsqueeze', [place, one]));
  return onnx.node('Min', [onnx.node('Add', [first ?? '', steps]), last ?? '']);
}
