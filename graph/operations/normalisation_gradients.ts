/** Batch norm with the statistics of the batch, and what normalisations leave to their inputs and factors. */
import type { GroupNormAttributes, NormAttributes } from './normalisation.js';
import { buffer, first, mapShape, type NoAttributes, type Operation, parameter } from './operation.js';
import { formOf, weight, weightShape } from './weights.js';

/**
 * torch.nn.BatchNorm2d in training mode: mean and biased variance of the batch, one scale and shift a channel. The running
 * statistics that follow are results of their own: `movingAverage`.
 */
export const batchNormOfBatch: Operation<NormAttributes> = {
  inputs: 1,
  parameters: (inputs) => ({ weight: parameter(first(inputs).channels), bias: parameter(first(inputs).channels) }),
  result: (inputs) => ({ kind: 'map', channels: first(inputs).channels }),
  shape: (inputs) => mapShape(first(inputs)),
};

/** A statistic of each channel over batch and pixels: [N, C, H, W] -> [C]. */
const statistic: Operation<NoAttributes> = {
  inputs: 1,
  result: (inputs) => weight(first(inputs).channels),
  shape: (inputs) => [mapShape(first(inputs))[1]],
};
export const batchMean = statistic;
/** Unbiased: the sum of squares over one less than there are values, as running variances are fed with. */
export const batchVariance = statistic;

export interface MovingAverageAttributes {
  /** The share of the new value: torch's `momentum`. */
  readonly momentum: number;
}

/** (1 - momentum) * `running` + momentum * a statistic of the batch, [C]. */
export const movingAverage: Operation<MovingAverageAttributes> = {
  inputs: 1,
  parameters: (inputs) => ({ running: buffer(...weightShape(first(inputs))) }),
  result: (inputs) => formOf(first(inputs)),
  shape: (inputs) => first(inputs),
};

/** The gradient of a normalisation's input: the input and the gradient of the result -> one like the input. */
function inputGradient<Attributes>(...roles: readonly ('weight' | 'running_var')[]): Operation<Attributes> {
  return {
    inputs: 2,
    parameters: (inputs) => {
      const { channels } = first(inputs);
      const all = { weight: parameter(channels), running_var: buffer(channels) };
      return Object.fromEntries(roles.map((role) => [role, all[role]]));
    },
    result: (inputs) => formOf(first(inputs)),
    shape: (inputs) => first(inputs),
  };
}

/** The gradient of a normalisation's factors: the input and the gradient of the result -> [C]. */
function weightGradient<Attributes>(...roles: readonly ('running_mean' | 'running_var')[]): Operation<Attributes> {
  return {
    inputs: 2,
    parameters: (inputs) => Object.fromEntries(roles.map((role) => [role, buffer(first(inputs).channels)])),
    result: (inputs) => weight(first(inputs).channels),
    shape: (inputs) => [first(inputs)[1] ?? 0],
  };
}

export const batchNormInputGradient = inputGradient<NormAttributes>('weight', 'running_var');
export const batchNormWeightGradient = weightGradient<NormAttributes>('running_mean', 'running_var');
/** Through mean and variance of the batch as well. */
export const batchNormOfBatchInputGradient = inputGradient<NormAttributes>('weight');
export const batchNormOfBatchWeightGradient = weightGradient<NormAttributes>();
export const groupNormInputGradient = inputGradient<GroupNormAttributes>('weight');
export const groupNormWeightGradient = weightGradient<GroupNormAttributes>();
export const layerNormInputGradient = inputGradient<NormAttributes>('weight');
export const layerNormWeightGradient = weightGradient<NormAttributes>();
export const globalResponseNormInputGradient = inputGradient<NormAttributes>('weight');
export const globalResponseNormWeightGradient = weightGradient<NormAttributes>();
