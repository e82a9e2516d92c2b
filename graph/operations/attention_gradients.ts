/** What the forms of attention leave to their inputs. Inputs stand as in the operation itself, the gradient of its result last. */
import type { AttentionAttributes, SelfAttentionAttributes } from './attention.js';
import type { LinearAttentionAttributes } from './linear_attention.js';
import { first, mapShape, type Operation } from './operation.js';
import { weight } from './weights.js';
import { type ShiftedWindowAttributes, shiftedWindowAttention, type WindowAttributes } from './window_attention.js';

/** A gradient like the input at `index`, of an operation with `inputs` inputs. */
function like<Attributes>(index: number, inputs: number): Operation<Attributes> {
  return {
    inputs: inputs + 1,
    result: (values) => ({ kind: 'map', channels: first(values.slice(index)).channels }),
    shape: (shapes) => mapShape(first(shapes.slice(index))),
  };
}

export const attentionGradient = like<SelfAttentionAttributes>(0, 1);
export const linearAttentionGradient = like<LinearAttentionAttributes>(0, 1);
export const crossAttentionQueryGradient = like<AttentionAttributes>(0, 2);
export const crossAttentionKeyValueGradient = like<AttentionAttributes>(1, 2);
export const paddedWindowAttentionGradient = like<WindowAttributes>(0, 2);
export const shiftedWindowAttentionGradient: Operation<ShiftedWindowAttributes> = {
  ...like<ShiftedWindowAttributes>(0, 1),
  ...(shiftedWindowAttention.parameters === undefined ? {} : { parameters: shiftedWindowAttention.parameters }),
};
/** The gradient of the learned positions: [(2 * window - 1)², heads]. */
export const shiftedWindowPositionsGradient: Operation<ShiftedWindowAttributes> = {
  ...shiftedWindowAttentionGradient,
  result: (_values, { window, heads }) => weight((2 * window - 1) ** 2, heads),
  shape: (_shapes, { window, heads }) => [(2 * window - 1) ** 2, heads],
};
