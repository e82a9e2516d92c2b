/** Kernels of sums over pictures and batches: in float32 in every precision, for they leave the range of float16. */
import type { Value } from '../value.js';
import type { OnnxEmitter } from './emitter.js';
import { FLOAT } from './proto.js';

interface Context {
  readonly onnx: OnnxEmitter;
  readonly inputs: readonly string[];
  readonly node: { readonly output: Value };
}

/** The sum over all axes from one on. */
export const sumFrom =
  (axis: number) =>
  ({ onnx, inputs: [x = ''], node }: Context): string => {
    const axes = Array.from({ length: rankOf(node.output) - axis }, (_, i) => axis + i);
    return onnx.narrow(onnx.node('ReduceSum', [onnx.widen(x), onnx.integers(...axes)], { keepdims: 1 }));
  };

export function countElements({ onnx, inputs, node }: Context): string {
  const count = onnx.node('Cast', [onnx.node('Size', inputs)], { to: FLOAT });
  const shape = onnx.integers(...new Array<number>(rankOf(node.output)).fill(1));
  return onnx.narrow(onnx.node('Reshape', [count, shape]));
}

export function expandLike({ onnx, inputs: [x = '', like = ''] }: Omit<Context, 'node'>): string {
  return onnx.node('Expand', [x, onnx.node('Shape', [like])]);
}

function rankOf({ kind }: Value): number {
  return kind === 'map' ? 4 : 2;
}
