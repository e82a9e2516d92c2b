import { type GradientRule, inputAt } from '../rule.js';

/** With running statistics, which are constants. */
export const batchNorm: GradientRule<'batchNorm'> = ({ emit, inputs, gradient, attributes, parameters }) => {
  const pair = [inputAt(inputs, 0), gradient];
  return {
    inputs: [() => emit('batchNormInputGradient', pair, attributes, parameters('weight', 'running_var'))],
    parameters: {
      weight: () => emit('batchNormWeightGradient', pair, attributes, parameters('running_mean', 'running_var')),
      bias: () => emit('channelSum', [gradient], {}),
    },
  };
};

export const batchNormOfBatch: GradientRule<'batchNormOfBatch'> = (context) => {
  const { emit, inputs, gradient, attributes, parameters } = context;
  const pair = [inputAt(inputs, 0), gradient];
  return {
    inputs: [() => emit('batchNormOfBatchInputGradient', pair, attributes, parameters('weight'))],
    parameters: {
      weight: () => emit('batchNormOfBatchWeightGradient', pair, attributes),
      bias: () => emit('channelSum', [gradient], {}),
    },
  };
};

export const groupNorm: GradientRule<'groupNorm'> = ({ emit, inputs, gradient, attributes, parameters }) => {
  const pair = [inputAt(inputs, 0), gradient];
  return {
    inputs: [() => emit('groupNormInputGradient', pair, attributes, parameters('weight'))],
    parameters: {
      weight: () => emit('groupNormWeightGradient', pair, attributes),
      bias: () => emit('channelSum', [gradient], {}),
    },
  };
};

export const layerNorm: GradientRule<'layerNorm'> = ({ emit, inputs, gradient, attributes, parameters }) => {
  const pair = [inputAt(inputs, 0), gradient];
  return {
    inputs: [() => emit('layerNormInputGradient', pair, attributes, parameters('weight'))],
    parameters: {
      weight: () => emit('layerNormWeightGradient', pair, attributes),
      bias: () => emit('channelSum', [gradient], {}),
    },
  };
};

export const globalResponseNorm: GradientRule<'globalResponseNorm'> = (context) => {
  const { emit, inputs, gradient, attributes, parameters } = context;
  const pair = [inputAt(inputs, 0), gradient];
  return {
    inputs: [() => emit('globalResponseNormInputGradient', pair, attributes, parameters('weight'))],
    parameters: {
      weight: () => emit('globalResponseNormWeightGradient', pair, attributes),
      bias: () => emit('channelSum', [gradient], {}),
    },
  };
};
