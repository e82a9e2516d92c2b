/**
 * Batch norm with the statistics of the batch, and what normalisations leave to their inputs and factors. What forward and
 * backward work share is written twice in the same way: runtimes find equal nodes and calculate them once.
 */
import type { GroupNormAttributes, NormAttributes } from '../../operations/normalisation.js';
import type { MovingAverageAttributes } from '../../operations/normalisation_gradients.js';
import type { Value } from '../../value.js';
import type { OnnxEmitter } from '../emitter.js';
import { sumByChannel } from './sizes.js';

interface Context<Attributes> {
  readonly onnx: OnnxEmitter;
  readonly inputs: readonly string[];
  readonly attributes: Attributes;
  readonly parameter: (role: string) => string;
  readonly node: { readonly inputs: readonly Value[]; readonly output: Value };
}

const channelsOf = ({ node }: Pick<Context<unknown>, 'node'>): number => node.inputs[0]?.channels ?? 0;
const kindOf = ({ node }: Pick<Context<unknown>, 'node'>): Value['kind'] => node.inputs[0]?.kind ?? 'map';

/** [C] as it meets maps: [C, 1, 1]. */
function perChannel(onnx: OnnxEmitter, vector: string, channels: number): string {
  return onnx.node('Reshape', [vector, onnx.integers(channels, 1, 1)]);
}

/** 1 / sqrt(variance + epsilon). */
function inverse(onnx: OnnxEmitter, variance: string, epsilon: number): string {
  return onnx.node('Reciprocal', [onnx.node('Sqrt', [onnx.node('Add', [variance, onnx.scalar(epsilon)])])]);
}

const BATCH = [0, 2, 3];

/** Rows by themselves first: a sum of all pixels in one go would lose the last digits of float32. */
function meanOver(onnx: OnnxEmitter, x: string, axes: readonly number[]): string {
  const rows = axes === BATCH ? onnx.node('ReduceMean', [x], { axes: [3], keepdims: 1 }) : x;
  return onnx.node('ReduceMean', [rows], { axes, keepdims: 1 });
}

interface Normal {
  /** 1 / sqrt(variance + epsilon). */
  readonly gain: string;
  /** The input, with mean 0 and variance 1 over `axes`. */
  readonly normal: string;
  readonly mean: string;
  readonly variance: string;
}

function normalise(onnx: OnnxEmitter, x: string, axes: readonly number[], epsilon: number): Normal {
  const mean = meanOver(onnx, x, axes);
  const centred = onnx.node('Sub', [x, mean]);
  const variance = meanOver(onnx, onnx.node('Mul', [centred, centred]), axes);
  const gain = inverse(onnx, variance, epsilon);
  return { gain, normal: onnx.node('Mul', [centred, gain]), mean, variance };
}

/** gain * (g - mean(g) - normal * mean(g * normal)): through the mean and the variance over `axes`. */
function throughStatistics(onnx: OnnxEmitter, g: string, { gain, normal }: Normal, axes: readonly number[]): string {
  const mean = (values: string) => onnx.node('ReduceMean', [values], { axes, keepdims: 1 });
  const along = onnx.node('Mul', [normal, mean(onnx.node('Mul', [g, normal]))]);
  return onnx.node('Mul', [onnx.node('Sub', [onnx.node('Sub', [g, mean(g)]), along]), gain]);
}

export function batchNormOfBatch(context: Context<NormAttributes>): string {
  const { onnx, inputs, attributes, parameter } = context;
  const { normal } = normalise(onnx, inputs[0] ?? '', BATCH, attributes.epsilon);
  const [weight = '', bias = ''] = ['weight', 'bias'].map((role) =>
    perChannel(onnx, parameter(role), channelsOf(context)),
  );
  return onnx.node('Add', [onnx.node('Mul', [normal, weight]), bias]);
}

/** How many values a channel has in the batch. */
function countOf(context: Pick<Context<unknown>, 'onnx' | 'inputs' | 'node'>): string {
  const { onnx, inputs } = context;
  const size = onnx.node('Cast', [onnx.node('Size', [inputs[0] ?? ''])], { to: FLOAT });
  return onnx.node('Div', [size, onnx.scalar(channelsOf(context))]);
}

/** TensorProto.DataType. */
const FLOAT = 1;

export function batchNormOfBatchInputGradient(context: Context<NormAttributes>): string {
  const { onnx, inputs, attributes, parameter } = context;
  const [x = '', gradient = ''] = inputs;
  const normal = normalise(onnx, x, BATCH, attributes.epsilon);
  const count = countOf(context);
  // The same sums as those of weight and bias.
  const mean = (values: string) => onnx.node('Div', [sumByChannel(onnx, values, 'map'), count]);
  const along = onnx.node('Mul', [normal.normal, mean(onnx.node('Mul', [gradient, normal.normal]))]);
  const rest = onnx.node('Sub', [onnx.node('Sub', [gradient, mean(gradient)]), along]);
  const weight = perChannel(onnx, parameter('weight'), channelsOf(context));
  return onnx.node('Mul', [rest, onnx.node('Mul', [normal.gain, weight])]);
}

export function batchNormOfBatchWeightGradient(context: Context<NormAttributes>): string {
  const { onnx, inputs, attributes } = context;
  const { normal } = normalise(onnx, inputs[0] ?? '', BATCH, attributes.epsilon);
  return weightSum(context, normal);
}

/** The sum of gradient * normal over everything but the channels, [C]. */
function weightSum(context: Context<unknown>, normal: string): string {
  const { onnx, inputs } = context;
  const sum = sumByChannel(onnx, onnx.node('Mul', [inputs[1] ?? '', normal]), kindOf(context));
  return onnx.node('Reshape', [sum, onnx.integers(channelsOf(context))]);
}

export function batchMean({ onnx, inputs: [x = ''], node }: Context<unknown>): string {
  const mean = meanOver(onnx, x, BATCH);
  return onnx.node('Reshape', [mean, onnx.integers(node.output.channels)]);
}

export function batchVariance(context: Context<unknown>): string {
  const { onnx, inputs, node } = context;
  const { variance } = normalise(onnx, inputs[0] ?? '', BATCH, 0);
  const count = countOf(context);
  const unbiased = onnx.node('Div', [count, onnx.node('Sub', [count, onnx.scalar(1)])]);
  return onnx.node('Mul', [onnx.node('Reshape', [variance, onnx.integers(node.output.channels)]), unbiased]);
}

export function movingAverage({ onnx, inputs, attributes, parameter }: Context<MovingAverageAttributes>): string {
  const kept = onnx.node('Mul', [parameter('running'), onnx.scalar(1 - attributes.momentum)]);
  return onnx.node('Add', [kept, onnx.node('Mul', [inputs[0] ?? '', onnx.scalar(attributes.momentum)])]);
}

export function batchNormInputGradient(context: Context<NormAttributes>): string {
  const { onnx, inputs, attributes, parameter } = context;
  const factor = onnx.node('Mul', [parameter('weight'), inverse(onnx, parameter('running_var'), attributes.epsilon)]);
  return onnx.node('Mul', [inputs[1] ?? '', perChannel(onnx, factor, channelsOf(context))]);
}

export function batchNormWeightGradient(context: Context<NormAttributes>): string {
  const { onnx, inputs, attributes, parameter } = context;
  const mean = perChannel(onnx, parameter('running_mean'), channelsOf(context));
  const sum = weightSum(context, onnx.node('Sub', [inputs[0] ?? '', mean]));
  return onnx.node('Mul', [sum, inverse(onnx, parameter('running_var'), attributes.epsilon)]);
}

/** [N, C, H, W] as [N, groups, all of a group]. */
function grouped({ onnx, attributes }: Pick<Context<GroupNormAttributes>, 'onnx' | 'attributes'>, map: string): string {
  return onnx.node('Reshape', [map, onnx.integers(0, attributes.groups, -1)]);
}

export function groupNormInputGradient(context: Context<GroupNormAttributes>): string {
  const { onnx, inputs, attributes, parameter } = context;
  const [x = '', gradient = ''] = inputs;
  const normal = normalise(onnx, grouped(context, x), [2], attributes.epsilon);
  const weight = perChannel(onnx, parameter('weight'), channelsOf(context));
  const scaled = grouped(context, onnx.node('Mul', [gradient, weight]));
  return onnx.node('Reshape', [throughStatistics(onnx, scaled, normal, [2]), onnx.node('Shape', [x])]);
}

export function groupNormWeightGradient(context: Context<GroupNormAttributes>): string {
  const { onnx, inputs, attributes } = context;
  const [x = ''] = inputs;
  const { normal } = normalise(onnx, grouped(context, x), [2], attributes.epsilon);
  return weightSum(context, onnx.node('Reshape', [normal, onnx.node('Shape', [x])]));
}

export function layerNormInputGradient(context: Context<NormAttributes>): string {
  const { onnx, inputs, attributes, parameter } = context;
  const [x = '', gradient = ''] = inputs;
  const weight =
    kindOf(context) === 'map' ? perChannel(onnx, parameter('weight'), channelsOf(context)) : parameter('weight');
  const normal = normalise(onnx, x, [1], attributes.epsilon);
  return throughStatistics(onnx, onnx.node('Mul', [gradient, weight]), normal, [1]);
}

export function layerNormWeightGradient(context: Context<NormAttributes>): string {
  const { onnx, inputs, attributes } = context;
  return weightSum(context, normalise(onnx, inputs[0] ?? '', [1], attributes.epsilon).normal);
}

/** r: each channel's norm over all pixels; below: the mean of all channels' plus epsilon. */
function responses(onnx: OnnxEmitter, x: string, epsilon: number): { readonly r: string; readonly below: string } {
  const r = onnx.node('ReduceL2', [x], { axes: [2, 3], keepdims: 1 });
  const below = onnx.node('Add', [onnx.node('ReduceMean', [r], { axes: [1], keepdims: 1 }), onnx.scalar(epsilon)]);
  return { r, below };
}

/** y = x + b + w x n, n = r / below: through x itself, and through the norms r of all channels. */
export function globalResponseNormInputGradient(context: Context<NormAttributes>): string {
  const { onnx, inputs, attributes, parameter } = context;
  const [x = '', gradient = ''] = inputs;
  const { r, below } = responses(onnx, x, attributes.epsilon);
  const weighted = onnx.node('Mul', [gradient, perChannel(onnx, parameter('weight'), channelsOf(context))]);
  const direct = onnx.node('Mul', [weighted, onnx.node('Div', [r, below])]);
  const response = onnx.node('ReduceSum', [onnx.node('Mul', [weighted, x]), onnx.integers(2, 3)], { keepdims: 1 });
  const shared = onnx.node('ReduceMean', [onnx.node('Mul', [response, onnx.node('Div', [r, below])])], {
    axes: [1],
    keepdims: 1,
  });
  const norms = onnx.node('Div', [onnx.node('Sub', [response, shared]), below]);
  // A channel of zeros has no direction: torch gives it no gradient, and neither does 0 * a large number.
  const directions = onnx.node('Div', [x, onnx.node('Max', [r, onnx.scalar(TINY)])]);
  const indirect = onnx.node('Mul', [directions, norms]);
  return onnx.node('Add', [gradient, onnx.node('Add', [direct, indirect])]);
}

const TINY = 1e-30;

export function globalResponseNormWeightGradient(context: Context<NormAttributes>): string {
  const { onnx, inputs, attributes } = context;
  const [x = ''] = inputs;
  const { r, below } = responses(onnx, x, attributes.epsilon);
  return weightSum(context, onnx.node('Mul', [x, onnx.node('Div', [r, below])]));
}
