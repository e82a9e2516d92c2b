/** What the forms of attention leave to queries, keys and values. Forward work is written as the forward kernels write it. */
import { type AttentionAttributes, type SelfAttentionAttributes, scoreScale } from '../../operations/attention.js';
import type { LinearAttentionAttributes } from '../../operations/linear_attention.js';
import type { OnnxEmitter } from '../emitter.js';
import { softmax } from '../tensors.js';

interface Context<Attributes> {
  readonly onnx: OnnxEmitter;
  readonly inputs: readonly string[];
  readonly attributes: Attributes;
}

/** Queries, keys, values and the gradient of the result, each [..., headDim, pixels]. */
interface Roles {
  readonly query: string;
  readonly key: string;
  readonly value: string;
  readonly gradient: string;
}

interface ScoresGradient {
  /** The softmax itself, [..., queries, keys]. */
  readonly weights: string;
  /** The gradient of the scores after they were scaled. */
  readonly scores: string;
}

/** Through the softmax: weights * (g - sum(g * weights)), g = gradientᵀ · value. */
export function scoresGradient(
  onnx: OnnxEmitter,
  { query, key, value, gradient }: Roles,
  scale: number,
  rank: number,
  terms: readonly string[] = [],
): ScoresGradient {
  const scaled = onnx.node('Mul', [onnx.node('MatMul', [turn(onnx, query, rank), key]), onnx.scalar(scale)]);
  const weights = softmax(
    onnx,
    terms.reduce((sum, term) => onnx.node('Add', [sum, term]), scaled),
  );
  const outer = onnx.node('MatMul', [turn(onnx, gradient, rank), value]);
  const mean = onnx.node('ReduceSum', [onnx.node('Mul', [outer, weights]), onnx.integers(-1)], { keepdims: 1 });
  return { weights, scores: onnx.node('Mul', [weights, onnx.node('Sub', [outer, mean])]) };
}

/** The gradients of queries, keys and values, from that of the scores. */
export function rolesGradient(
  onnx: OnnxEmitter,
  { query, key, gradient }: Roles,
  { weights, scores }: ScoresGradient,
  scale: number,
  rank: number,
): { query(): string; key(): string; value(): string } {
  const scaled = onnx.node('Mul', [scores, onnx.scalar(scale)]);
  return {
    query: () => onnx.node('MatMul', [key, turn(onnx, scaled, rank)]),
    key: () => onnx.node('MatMul', [query, scaled]),
    value: () => onnx.node('MatMul', [gradient, weights]),
  };
}

/** The last two axes changed. */
function turn(onnx: OnnxEmitter, x: string, rank: number): string {
  const outer = Array.from({ length: rank - 2 }, (_, axis) => axis);
  return onnx.node('Transpose', [x], { perm: [...outer, rank - 1, rank - 2] });
}

function perHead({ onnx, attributes: { heads, headDim } }: Context<AttentionAttributes>, map: string): string {
  return onnx.node('Reshape', [map, onnx.integers(0, heads, headDim, -1)]);
}

export function attentionGradient(context: Context<SelfAttentionAttributes>): string {
  const { onnx, inputs, attributes } = context;
  const [x = '', g = ''] = inputs;
  const { heads, headDim, layout = 'headFirst' } = attributes;
  const together = { headFirst: [heads, 3 * headDim], roleFirst: [3 * heads, headDim] }[layout];
  const [axis, share] = { headFirst: [2, headDim] as const, roleFirst: [1, heads] as const }[layout];
  const parts = onnx.node('Reshape', [x, onnx.integers(0, ...together, -1)]);
  const split = onnx.integers(share, share, share);
  const [query = '', key = '', value = ''] = onnx.nodes('Split', [parts, split], 3, { axis });
  const roles = { query, key, value, gradient: perHead(context, g) };
  const scale = scoreScale(attributes);
  const all = rolesGradient(onnx, roles, scoresGradient(onnx, roles, scale, 4), scale, 4);
  const joined = onnx.node('Concat', [all.query(), all.key(), all.value()], { axis });
  return onnx.node('Reshape', [joined, onnx.node('Shape', [x])]);
}

function crossRoles(context: Context<AttentionAttributes>): Roles {
  const { onnx, inputs, attributes } = context;
  const [query = '', keyValue = '', g = ''] = inputs;
  const { heads, headDim } = attributes;
  const keysValues = onnx.node('Reshape', [keyValue, onnx.integers(0, 2 * heads, headDim, -1)]);
  const [key = '', value = ''] = onnx.nodes('Split', [keysValues, onnx.integers(heads, heads)], 2, { axis: 1 });
  return { query: perHead(context, query), key, value, gradient: perHead(context, g) };
}

export function crossAttentionQueryGradient(context: Context<AttentionAttributes>): string {
  const { onnx, inputs, attributes } = context;
  const [roles, scale] = [crossRoles(context), scoreScale(attributes)];
  const all = rolesGradient(onnx, roles, scoresGradient(onnx, roles, scale, 4), scale, 4);
  return onnx.node('Reshape', [all.query(), onnx.node('Shape', [inputs[0] ?? ''])]);
}

export function crossAttentionKeyValueGradient(context: Context<AttentionAttributes>): string {
  const { onnx, inputs, attributes } = context;
  const [roles, scale] = [crossRoles(context), scoreScale(attributes)];
  const all = rolesGradient(onnx, roles, scoresGradient(onnx, roles, scale, 4), scale, 4);
  const joined = onnx.node('Concat', [all.key(), all.value()], { axis: 1 });
  return onnx.node('Reshape', [joined, onnx.node('Shape', [inputs[1] ?? ''])]);
}

/**
 * out = above / below, above = M q, below = z q + epsilon, with q and k after ReLU, M = v kᵀ and z the sum of k over all
 * pixels.
 */
export function linearAttentionGradient({ onnx, inputs, attributes }: Context<LinearAttentionAttributes>): string {
  const [x = '', g = ''] = inputs;
  const { heads, headDim, epsilon } = attributes;
  const multiply = (a: string, b: string) => onnx.node('MatMul', [a, b]);
  const turned = (a: string) => turn(onnx, a, 4);
  const parts = onnx.node('Reshape', [x, onnx.integers(0, heads, 3 * headDim, -1)]);
  const split = onnx.integers(headDim, headDim, headDim);
  const [query = '', key = '', value = ''] = onnx.nodes('Split', [parts, split], 3, { axis: 2 });
  const gradient = onnx.node('Reshape', [g, onnx.integers(0, heads, headDim, -1)]);
  const [queries, keys] = [onnx.node('Relu', [query]), onnx.node('Relu', [key])];
  const matrix = multiply(value, turned(keys));
  const sum = onnx.node('ReduceSum', [keys, onnx.integers(3)], { keepdims: 1 });
  const above = multiply(matrix, queries);
  const below = onnx.node('Add', [multiply(turned(sum), queries), onnx.scalar(epsilon)]);
  const aboveGradient = onnx.node('Div', [gradient, below]);
  const along = onnx.node('ReduceSum', [onnx.node('Mul', [aboveGradient, above]), onnx.integers(2)], { keepdims: 1 });
  const belowGradient = onnx.node('Neg', [onnx.node('Div', [along, below])]);
  const matrixGradient = multiply(aboveGradient, turned(queries));
  const sumGradient = multiply(queries, turned(belowGradient));
  const queriesGradient = onnx.node('Add', [multiply(turned(matrix), aboveGradient), multiply(sum, belowGradient)]);
  const keysGradient = onnx.node('Add', [multiply(turned(matrixGradient), value), sumGradient]);
  const positive = (at: string, values: string) =>
    onnx.node('Where', [onnx.node('Greater', [at, onnx.scalar(0)]), values, onnx.scalar(0)]);
  const joined = [positive(query, queriesGradient), positive(key, keysGradient), multiply(matrixGradient, keys)];
  return onnx.node('Reshape', [onnx.node('Concat', joined, { axis: 2 }), onnx.node('Shape', [x])]);
}
