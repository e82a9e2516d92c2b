import type { Value } from '../value.js';
import type { OnnxEmitter } from './emitter.js';
import { INT64 } from './proto.js';

/** Windows are gathered next to one another, so that one product of matrices does the rest. */
export function convAt({
  onnx,
  inputs: [rows = '', places = ''],
  attributes: { kernel },
  node,
  parameter,
}: {
  readonly onnx: OnnxEmitter;
  readonly inputs: readonly string[];
  readonly attributes: { readonly kernel: number };
  readonly node: { readonly inputs: readonly Value[] };
  readonly parameter: (role: string) => string;
}): string {
  // The border is one more row, of zeros.
  const bordered = onnx.node('Pad', [rows, onnx.integers(0, 0, 1, 0)]);
  const windows = onnx.node('Gather', [bordered, onnx.node('Cast', [places], { to: INT64 })], { axis: 0 });
  const channels = node.inputs[0]?.channels ?? 0;
  // [out, C, k, k] as [k, k, C, out]: done once, when the network is loaded.
  const turned = onnx.node('Transpose', [parameter('weight')], { perm: [2, 3, 1, 0] });
  const weight = onnx.node('Reshape', [turned, onnx.integers(kernel ** 2 * channels, -1)]);
  const bias = parameter('bias');
  return onnx.node('Gemm', [onnx.node('Flatten', [windows], { axis: 1 }), weight, ...(bias === '' ? [] : [bias])]);
}
