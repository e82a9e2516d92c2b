/** Kernels of numbers between two bounds. */
import type { BoundsAttributes } from '../operations/elementwise.js';
import type { OnnxEmitter } from './emitter.js';
import { FLOAT } from './proto.js';

interface Context {
  readonly onnx: OnnxEmitter;
  readonly inputs: readonly string[];
  readonly attributes: BoundsAttributes;
}

export function clip({ onnx, inputs: [x = ''], attributes: { min, max } }: Context): string {
  const bound = (value: number | undefined) => (value === undefined ? '' : onnx.scalar(value));
  return onnx.node('Clip', [x, bound(min), ...(max === undefined ? [] : [bound(max)])]);
}

/** NaN lies nowhere. */
export function within({ onnx, inputs: [x = ''], attributes: { min, max } }: Context): string {
  const above = onnx.node('GreaterOrEqual', [x, min === undefined ? x : onnx.scalar(min)]);
  const below = onnx.node('LessOrEqual', [x, max === undefined ? x : onnx.scalar(max)]);
  return onnx.narrow(onnx.node('Cast', [onnx.node('And', [above, below])], { to: FLOAT }));
}
