import type { TopRowsAttributes } from '../operations/top_rows.js';
import type { Value } from '../value.js';
import type { OnnxEmitter } from './emitter.js';
import { FLOAT } from './proto.js';

/** Above every score that is a number. */
const LARGEST = 3.4028234663852886e38;

/**
 * Classes are reduced before anything is sorted: runtimes sort on a graphics processor with a pass over everything for each of
 * (log2 n)² / 2 steps. The k best places have the k best scores among them.
 */
export function topRows({
  onnx,
  inputs: [scores = '', says = ''],
  attributes: { priors, most },
  node,
}: {
  readonly onnx: OnnxEmitter;
  readonly inputs: readonly string[];
  readonly attributes: TopRowsAttributes;
  readonly node: { readonly inputs: readonly Value[] };
}): string {
  /** [N, A * F, H, W] as [N, H * W * A, F]. */
  const rowsOf = (map: string, at: number) => {
    const size = (node.inputs[at]?.channels ?? 0) / priors;
    const perPrior = onnx.node('Reshape', [map, onnx.integers(0, priors, size, -1)]);
    const turned = onnx.node('Transpose', [perPrior], { perm: [0, 3, 1, 2] });
    return onnx.node('Reshape', [turned, onnx.integers(0, -1, size)]);
  };
  const classes = rowsOf(scores, 0);
  // A maximum may pass over NaN, a sum cannot: it, and what is infinite, ranks first.
  const sums = onnx.widen(onnx.node('ReduceSum', [classes, onnx.integers(2)], { keepdims: 1 }));
  const best = onnx.widen(onnx.node('ReduceMax', [classes], { axes: [2], keepdims: 1 }));
  const finite = onnx.node('LessOrEqual', [sums, onnx.vector(LARGEST)]);
  const ranks = onnx.node('Where', [finite, best, onnx.vector(LARGEST)]);
  const length = onnx.node('Shape', [classes], { start: 1, end: 2 });
  // Places stay integers of 64 bits on their way to `GatherND`: WebGPU would convert them on the processor.
  const [, places = ''] = onnx.nodes('TopK', [ranks, onnx.node('Min', [length, onnx.integers(most)])], 2, { axis: 1 });
  const end = onnx.node('Cast', [onnx.node('Squeeze', [length])], { to: FLOAT });
  const [zero, one] = [0, 1].map((value) => onnx.node('Squeeze', [onnx.vector(value)]));
  const counted = onnx.node('Range', [zero ?? '', end, one ?? '']);
  const chosen = (rows: string) => onnx.widen(onnx.node('GatherND', [rows, places], { batch_dims: 1 }));
  const parts = [onnx.node('Gather', [counted, places], { axis: 0 }), chosen(classes), chosen(rowsOf(says, 1))];
  const rows = onnx.node('Transpose', [onnx.node('Concat', parts, { axis: 2 })], { perm: [0, 2, 1] });
  return onnx.node('Unsqueeze', [rows, onnx.integers(3)]);
}

export function joinRows({ onnx, inputs }: { readonly onnx: OnnxEmitter; readonly inputs: readonly string[] }): string {
  return onnx.node('Concat', inputs, { axis: 2 });
}
