import type { OnnxEmitter } from './emitter.js';
import type { OnnxKernel } from './kernel.js';

/** The last index of an axis, as ONNX's Slice clamps it. */
export const END = 2 ** 31 - 1;

export function sliced(onnx: OnnxEmitter, x: string, axis: number, start: number, end: number): string {
  return onnx.node('Slice', [x, onnx.integers(start), onnx.integers(end), onnx.integers(axis)]);
}

/** Of one pixel's breadth: rows stay as they are, columns lie down. */
export const borderRing: OnnxKernel<'borderRing'> = ({ onnx, inputs: [x = ''], attributes: { factor } }) => {
  const lying = (column: string) => onnx.node('Reshape', [column, onnx.integers(0, 0, 1, -1)]);
  const rows = [sliced(onnx, x, 2, 0, 1), sliced(onnx, x, 2, -1, END)];
  const columns = [sliced(onnx, x, 3, 0, 1), sliced(onnx, x, 3, -1, END)].map(lying);
  const ring = onnx.node('Concat', [...rows, ...columns], { axis: 3 });
  if (factor === 1) return ring;
  const nearest = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
  return onnx.node('Resize', [ring, '', onnx.vector(1, 1, 1, factor)], nearest);
};

/** A row (of axis 2) or a column (of axis 3) of a kernel's taps, lying: [out, in, 1, 3]. */
export type Taps = (role: 'first' | 'second', axis: 2 | 3, at: number) => string;

/** Tensors of one element each. */
export interface Sides {
  readonly height: string;
  readonly width: string;
}

/** What is to be subtracted: of the first and the last row [N, out, 1, W], of the first and the last column [N, out, H, 1]. */
export interface Corrections {
  readonly rows: readonly [first: string, last: string];
  readonly columns: readonly [first: string, last: string];
}

export function sidesOf(onnx: OnnxEmitter, y: string): Sides {
  const sides = onnx.node('Shape', [y], { start: 2, end: 4 });
  const [height = '', width = ''] = onnx.nodes('Split', [sides, onnx.integers(1, 1)], 2, { axis: 0 });
  return { height, width };
}

/**
 * The first convolution's results on the ring around its input: a row above the first row needs the lowest taps alone, and
 * so on. They go through the second one's taps that lie outside. Rows reach over the corners, columns do not.
 */
export function corrections(
  onnx: OnnxEmitter,
  ring: string,
  { height, width }: Sides,
  taps: Taps,
  bias: string,
): Corrections {
  const lengths = onnx.node('Concat', [width, width, height, height], { axis: 0 });
  const [top = '', bottom = '', left = '', right = ''] = onnx.nodes('Split', [ring, lengths], 4, { axis: 3 });
  const along = (line: string, weight: string, pad: number, biases: readonly string[]) =>
    onnx.node('Conv', [line, weight, ...biases], { kernel_shape: [1, 3], pads: [0, pad, 0, pad] });
  const outside = (line: string, axis: 2 | 3, first: boolean): string => {
    const rows = axis === 2;
    const reached = along(line, taps('first', axis, first ? 2 : 0), rows ? 2 : 1, bias === '' ? [] : [bias]);
    return along(reached, taps('second', axis, first ? 0 : 2), rows ? 0 : 1, []);
  };
  const upright = (line: string) => onnx.node('Reshape', [line, onnx.integers(0, 0, -1, 1)]);
  return {
    rows: [outside(top, 2, true), outside(bottom, 2, false)],
    columns: [upright(outside(left, 3, true)), upright(outside(right, 3, false))],
  };
}

export const borderCorrection: OnnxKernel<'borderCorrection'> = ({ onnx, inputs: [y = '', ring = ''], parameter }) => {
  const sides = sidesOf(onnx, y);
  const taps: Taps = (role, axis, at) => {
    const line = sliced(onnx, parameter(role), axis, at, at + 1);
    return axis === 2 ? line : onnx.node('Transpose', [line], { perm: [0, 1, 3, 2] });
  };
  const { rows, columns } = corrections(onnx, ring, sides, taps, parameter('bias'));
  /** From the first and the last line along an axis; they are the same where the map has one. In float32, for want of another kernel. */
  const subtracted = (map: string, pair: readonly string[], axis: number, size: string) => {
    const both = onnx.widen(onnx.node('Concat', pair, { axis }));
    const ends = onnx.node('Concat', [onnx.integers(0), onnx.node('Sub', [size, onnx.integers(1)])], { axis: 0 });
    const along = onnx.node('Reshape', [ends, axis === 2 ? onnx.integers(2, 1) : onnx.integers(1, 2)]);
    const places = onnx.node('Expand', [along, onnx.node('Shape', [both])]);
    return onnx.node('ScatterElements', [map, places, onnx.node('Neg', [both])], { axis, reduction: 'add' });
  };
  return onnx.narrow(subtracted(subtracted(onnx.widen(y), rows, 2, sides.height), columns, 3, sides.width));
};
