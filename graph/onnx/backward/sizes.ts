import type { OnnxEmitter } from '../emitter.js';

/** Beyond every side: a slice to it takes all that is left. */
export const END = 2 ** 31 - 1;

/** The upper left part of a map, as large as another. */
export function cropTo(onnx: OnnxEmitter, x: string, like: string): string {
  const ends = onnx.node('Shape', [like], { start: 2, end: 4 });
  return onnx.node('Slice', [x, onnx.integers(0, 0), ends, onnx.integers(2, 3)]);
}

/** Zeros below and to the right of a map, up to the size of another. */
export function padTo(onnx: OnnxEmitter, x: string, like: string): string {
  const [own = '', wanted = ''] = [x, like].map((map) => onnx.node('Shape', [map], { start: 2, end: 4 }));
  const lacking = onnx.node('Sub', [wanted, own]);
  return onnx.node('Pad', [x, onnx.node('Concat', [onnx.integers(0, 0, 0, 0, 0, 0), lacking], { axis: 0 })]);
}

/** A tensor of a shape that is known only when it runs, of zeros. */
export function zeros(onnx: OnnxEmitter, shape: string): string {
  return onnx.node('ConstantOfShape', [shape]);
}

/**
 * The sum over all axes but the channels, as [1, C, 1, 1] of a map and [1, C] of a vector. Rows by themselves first: a sum
 * of all pixels in one go would lose the last digits of float32.
 */
export function sumByChannel(onnx: OnnxEmitter, x: string, kind: 'map' | 'vector' | 'weight'): string {
  if (kind !== 'map') return onnx.node('ReduceSum', [x, onnx.integers(0)], { keepdims: 1 });
  const rows = onnx.node('ReduceSum', [x, onnx.integers(3)], { keepdims: 1 });
  return onnx.node('ReduceSum', [rows, onnx.integers(0, 2, 3)], { keepdims: 1 });
}
