/** What several kernels write of the sizes of tensors, and of their values. */
import type { OnnxEmitter } from './emitter.js';

/** The size of one axis, as a vector of one integer. */
export function side(onnx: OnnxEmitter, x: string, axis: number): string {
  return onnx.node('Shape', [x], { start: axis, end: axis + 1 });
}

/** 0, 1, … up to a length that stands in a vector of one integer. */
export function range(onnx: OnnxEmitter, length: string): string {
  const [zero, end, one] = [onnx.integers(0), length, onnx.integers(1)].map((vector) =>
    onnx.node('Squeeze', [vector, onnx.integers(0)]),
  );
  return onnx.node('Range', [zero ?? '', end ?? '', one ?? '']);
}

/** Over the last axis, in float32 in every precision. */
export function softmax(onnx: OnnxEmitter, scores: string): string {
  return onnx.narrow(onnx.node('Softmax', [onnx.widen(scores)], { axis: -1 }));
}
