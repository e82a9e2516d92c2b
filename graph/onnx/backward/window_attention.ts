/** What attention inside windows leaves to its map and to the learned term. Forward work is written as the forward kernels write it. */
import { scoreScale } from '../../operations/attention.js';
import type { ShiftedWindowAttributes, WindowAttributes } from '../../operations/window_attention.js';
import type { OnnxEmitter } from '../emitter.js';
import { cutRoles, learnedTerm, paddedMask, positionRows, roll, shiftedMask, uncut } from '../window_attention.js';
import { rolesGradient, scoresGradient } from './attention.js';
import { zeros } from './sizes.js';

interface Context<Attributes> {
  readonly onnx: OnnxEmitter;
  readonly inputs: readonly string[];
  readonly attributes: Attributes;
  readonly parameter: (role: string) => string;
}

/** Axes of [N, windows, heads, headDim, pixels]. */
const RANK = 5;

function rolesOf(onnx: OnnxEmitter, x: string, g: string, attributes: WindowAttributes) {
  const { cuts, batch, roles } = cutRoles(onnx, x, attributes);
  const [gradient = ''] = cutRoles(onnx, g, attributes, 1).roles;
  const [query = '', key = '', value = ''] = roles;
  return { cuts, batch, query, key, value, gradient };
}

/** The gradient of the map of queries, keys and values. */
function mapGradient(
  onnx: OnnxEmitter,
  x: string,
  g: string,
  attributes: WindowAttributes,
  terms: readonly string[],
): string {
  const roles = rolesOf(onnx, x, g, attributes);
  const scale = scoreScale(attributes);
  const all = rolesGradient(onnx, roles, scoresGradient(onnx, roles, scale, RANK, terms), scale, RANK);
  // [N, windows, heads, headDim, pixels] three times -> [N, 3, heads, headDim, windows, pixels].
  const joined = onnx.node(
    'Concat',
    [all.query(), all.key(), all.value()].map((part) => onnx.node('Unsqueeze', [part, onnx.integers(1)])),
    { axis: 1 },
  );
  const turned = onnx.node('Transpose', [joined], { perm: [0, 1, 3, 4, 2, 5] });
  return uncut(onnx, x, turned, { ...roles, channels: 3 * attributes.heads * attributes.headDim });
}

export function shiftedWindowAttentionGradient(context: Context<ShiftedWindowAttributes>): string {
  const { onnx, inputs, attributes } = context;
  const [x = '', g = ''] = inputs;
  const { shift } = attributes;
  const term = learnedTerm(context);
  if (shift === 0) return mapGradient(onnx, x, g, attributes, [term]);
  const terms = [term, shiftedMask(context)];
  return roll(onnx, mapGradient(onnx, roll(onnx, x, shift), roll(onnx, g, shift), attributes, terms), -shift);
}

/** The gradient of the scores, summed over batch and windows, added up where two pixels lie to one another in one way. */
export function shiftedWindowPositionsGradient(context: Context<ShiftedWindowAttributes>): string {
  const { onnx, inputs, attributes } = context;
  const { heads, window, shift } = attributes;
  const [x = '', g = ''] = shift === 0 ? inputs : inputs.map((map) => roll(onnx, map, shift));
  const terms = shift === 0 ? [learnedTerm(context)] : [learnedTerm(context), shiftedMask(context)];
  const { scores } = scoresGradient(onnx, rolesOf(onnx, x, g, attributes), scoreScale(attributes), RANK, terms);
  const sum = onnx.node('ReduceSum', [scores, onnx.integers(0, 1)], { keepdims: 0 });
  const pairs = onnx.node('Transpose', [onnx.node('Reshape', [sum, onnx.integers(heads, -1)])], { perm: [1, 0] });
  const rows = onnx.node('Reshape', [positionRows(onnx, window), onnx.integers(-1, 1)]);
  const empty = zeros(onnx, onnx.integers((2 * window - 1) ** 2, heads));
  return onnx.node('ScatterND', [empty, rows, pairs], { reduction: 'add' });
}

export function paddedWindowAttentionGradient(context: Context<WindowAttributes>): string {
  const { onnx, inputs, attributes } = context;
  return mapGradient(onnx, inputs[0] ?? '', inputs[2] ?? '', attributes, [paddedMask(context)]);
}
