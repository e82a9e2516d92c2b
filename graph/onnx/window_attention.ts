/** Attention inside windows, and what cuts maps into them. Ranks stay at six or below: not every runtime turns more axes. */
import { scoreScale } from '../operations/attention.js';
import {
  middlePosition,
  positionSteps,
  type ShiftedWindowAttributes,
  type WindowAttributes,
} from '../operations/window_attention.js';
import type { OnnxEmitter } from './emitter.js';
import { range, side, softmax } from './tensors.js';

interface Context<Attributes> {
  readonly onnx: OnnxEmitter;
  readonly inputs: readonly string[];
  readonly attributes: Attributes;
  readonly parameter: (role: string) => string;
}

export function shiftedWindowAttention(context: Context<ShiftedWindowAttributes>): string {
  const { onnx, inputs, attributes } = context;
  const [x = ''] = inputs;
  const { shift } = attributes;
  const term = learnedTerm(context);
  if (shift === 0) return attend(onnx, x, attributes, [term]);
  const rolled = roll(onnx, x, shift);
  const mask = shiftedMask(context);
  return roll(onnx, attend(onnx, rolled, attributes, [term, mask]), -shift);
}

/** What was learned for the places of two pixels in a window: [heads, pixels, pixels]. */
export function learnedTerm({ onnx, attributes, parameter }: Context<ShiftedWindowAttributes>): string {
  const { heads, window } = attributes;
  const area = window ** 2;
  const learned = onnx.node('Gather', [parameter('positions'), positionRows(onnx, window)], { axis: 0 });
  return onnx.node('Reshape', [
    onnx.node('Transpose', [learned], { perm: [2, 0, 1] }),
    onnx.integers(heads, area, area),
  ]);
}

/** The row of `positions` for each pair of pixels, [pixels, pixels]. */
export function positionRows(onnx: OnnxEmitter, window: number): string {
  const steps = onnx.integers(...positionSteps(window));
  const differences = onnx.node('Sub', [
    onnx.node('Unsqueeze', [steps, onnx.integers(1)]),
    onnx.node('Unsqueeze', [steps, onnx.integers(0)]),
  ]);
  return onnx.node('Add', [differences, onnx.integers(middlePosition(window))]);
}

/** Takes 100 off between pixels of a shifted map that are no neighbours: [windows, 1, pixels, pixels]. */
export function shiftedMask({ onnx, inputs: [x = ''], attributes }: Context<ShiftedWindowAttributes>): string {
  return maskOf(onnx, shiftedRegions(onnx, x, attributes), attributes, -100);
}

export function paddedWindowAttention(context: Context<WindowAttributes>): string {
  const { onnx, inputs, attributes } = context;
  return attend(onnx, inputs[0] ?? '', attributes, [paddedMask(context)]);
}

/** Takes 1000 off between the picture and its padding, where both sides were padded. */
export function paddedMask({ onnx, inputs, attributes }: Context<WindowAttributes>): string {
  const [x = '', like = ''] = inputs;
  const [heights, widths] = ([2, 3] as const).map((axis) => {
    const [padded, own] = [side(onnx, x, axis), side(onnx, like, axis)];
    return { beyond: onnx.node('GreaterOrEqual', [range(onnx, padded), own]), any: onnx.node('Less', [own, padded]) };
  });
  const outside = onnx.node('Or', [
    onnx.node('Unsqueeze', [heights?.beyond ?? '', onnx.integers(1)]),
    onnx.node('Unsqueeze', [widths?.beyond ?? '', onnx.integers(0)]),
  ]);
  const both = onnx.node('And', [heights?.any ?? '', widths?.any ?? '']);
  const regions = onnx.node('Cast', [onnx.node('And', [outside, both])], { to: INT64 });
  return maskOf(onnx, regions, attributes, -1000);
}

/** TensorProto.DataType. */
const INT64 = 7;

/** A map with its first rows and columns behind the last; for a negative number the last before the first. */
export function roll(onnx: OnnxEmitter, x: string, by: number): string {
  return [2, 3].reduce((value, axis) => {
    const cut = (from: number, to: number) =>
      onnx.node('Slice', [value, onnx.integers(from), onnx.integers(to), onnx.integers(axis)]);
    return onnx.node('Concat', [cut(by, END), cut(0, by)], { axis });
  }, x);
}

/** Beyond every side: a slice to it takes all that is left. */
const END = 2 ** 31 - 1;

/** Which part of the map each pixel of the rolled one is from: the lower and right ends of the last windows came around. */
function shiftedRegions(onnx: OnnxEmitter, x: string, { window, shift }: ShiftedWindowAttributes): string {
  const [rows, columns] = ([2, 3] as const).map((axis) => {
    const length = side(onnx, x, axis);
    const numbers = range(onnx, length);
    const beyond = [window, shift].map((last) => {
      const from = onnx.node('Sub', [length, onnx.integers(last)]);
      return onnx.node('Cast', [onnx.node('GreaterOrEqual', [numbers, from])], { to: INT64 });
    });
    return onnx.node('Add', beyond);
  });
  const threefold = onnx.node('Mul', [rows ?? '', onnx.integers(3)]);
  return onnx.node('Add', [
    onnx.node('Unsqueeze', [threefold, onnx.integers(1)]),
    onnx.node('Unsqueeze', [columns ?? '', onnx.integers(0)]),
  ]);
}

/** [H, W] of numbers -> [windows, 1, pixels, pixels]: 0 between pixels of one number, `apart` between others. */
function maskOf(onnx: OnnxEmitter, regions: string, { window }: WindowAttributes, apart: number): string {
  const batch = onnx.node('Unsqueeze', [regions, onnx.integers(0)]);
  const numbers = onnx.node('Reshape', [cut(onnx, batch, window, 1), onnx.integers(-1, 1, window ** 2)]);
  const equal = onnx.node('Equal', [
    onnx.node('Unsqueeze', [numbers, onnx.integers(2)]),
    onnx.node('Unsqueeze', [numbers, onnx.integers(3)]),
  ]);
  return onnx.node('Where', [equal, onnx.scalar(0), onnx.scalar(apart)]);
}

/** Of a map [N, C, H, W], or [N, H, W] of one channel: -> [N * C, rows of windows, columns of windows, window, window]. */
function cut(onnx: OnnxEmitter, x: string, window: number, firstSide: 1 | 2): string {
  const count = ([firstSide, firstSide + 1] as const).map((axis) =>
    onnx.node('Div', [side(onnx, x, axis), onnx.integers(window)]),
  );
  const [rows = '', columns = ''] = count;
  const shape = onnx.node('Concat', [onnx.integers(-1), rows, onnx.integers(window), columns, onnx.integers(window)], {
    axis: 0,
  });
  return onnx.node('Transpose', [onnx.node('Reshape', [x, shape])], { perm: [0, 1, 3, 2, 4] });
}

/** softmax(q kᵀ · scale + terms) v in every window. Channels stay before pixels, so that products turn no operand. */
function attend(onnx: OnnxEmitter, x: string, attributes: WindowAttributes, terms: readonly string[]): string {
  const { cuts, batch, roles } = cutRoles(onnx, x, attributes);
  const { heads, headDim } = attributes;
  const [query = '', key = '', value = ''] = roles;
  const queries = onnx.node('Transpose', [query], { perm: [0, 1, 2, 4, 3] });
  const scaled = onnx.node('Mul', [onnx.node('MatMul', [queries, key]), onnx.scalar(scoreScale(attributes))]);
  const scores = terms.reduce((sum, term) => onnx.node('Add', [sum, term]), scaled);
  const weights = onnx.node('Transpose', [softmax(onnx, scores)], { perm: [0, 1, 2, 4, 3] });
  // [N, windows, heads, headDim, pixels] back to the map.
  const mixed = onnx.node('Transpose', [onnx.node('MatMul', [value, weights])], { perm: [0, 2, 3, 1, 4] });
  return uncut(onnx, x, mixed, { cuts, batch, channels: heads * headDim });
}

interface CutRoles {
  /** All windows of the map: [N * C, rows of windows, columns of windows, window, window]. */
  readonly cuts: string;
  /** The batch size, a vector of one integer. */
  readonly batch: string;
  /** Each role's [N, windows, heads, headDim, pixels]. */
  readonly roles: readonly string[];
}

/** Queries, keys and values of each window, or `count` other roles of as many channels. */
export function cutRoles(onnx: OnnxEmitter, x: string, attributes: WindowAttributes, count = 3): CutRoles {
  const { heads, headDim, window } = attributes;
  const cuts = cut(onnx, x, window, 2);
  const batch = onnx.node('Shape', [x], { start: 0, end: 1 });
  const apart = onnx.node('Concat', [batch, onnx.integers(count, heads, headDim, -1, window ** 2)], { axis: 0 });
  // [roles, N, windows, heads, headDim, pixels].
  const turned = onnx.node('Transpose', [onnx.node('Reshape', [cuts, apart])], { perm: [1, 0, 4, 2, 3, 5] });
  const ones = new Array<number>(count).fill(1);
  const parts = count === 1 ? [turned] : onnx.nodes('Split', [turned, onnx.integers(...ones)], count, { axis: 0 });
  return { cuts, batch, roles: parts.map((part) => onnx.node('Squeeze', [part, onnx.integers(0)])) };
}

/** [N, channels, windows, pixels], the channels in whatever axes, back to a map of the size of `x`. */
export function uncut(
  onnx: OnnxEmitter,
  x: string,
  windows: string,
  { cuts, batch, channels }: Pick<CutRoles, 'cuts' | 'batch'> & { readonly channels: number },
): string {
  const squares = onnx.node('Reshape', [
    windows,
    onnx.node('Concat', [onnx.integers(-1), onnx.node('Shape', [cuts], { start: 1, end: 5 })], { axis: 0 }),
  ]);
  const placed = onnx.node('Transpose', [squares], { perm: [0, 1, 3, 2, 4] });
  const pixels = onnx.node('Shape', [x], { start: 2, end: 4 });
  const shape = onnx.node('Concat', [batch, onnx.integers(channels), pixels], { axis: 0 });
  return onnx.node('Reshape', [placed, shape]);
}
