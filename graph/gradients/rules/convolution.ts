import { type GradientRule, inputAt } from '../rule.js';

export const conv: GradientRule<'conv'> = ({ emit, inputs, gradient, attributes, parameters }) => {
  const pair = [inputAt(inputs, 0), gradient];
  return {
    inputs: [() => emit('convInputGradient', pair, attributes, parameters('weight'))],
    parameters: {
      weight: () => emit('convWeightGradient', pair, attributes),
      bias: () => emit('channelSum', [gradient], {}),
    },
  };
};

/** A transposed convolution is what a convolution of the same weight leaves to its input; so here that convolution itself. */
export const convTranspose: GradientRule<'convTranspose'> = ({ emit, inputs, gradient, attributes, parameters }) => {
  const x = inputAt(inputs, 0);
  const convolution = { ...attributes, out: x.channels, bias: false };
  return {
    inputs: [() => emit('conv', [gradient], convolution, parameters('weight'))],
    parameters: {
      weight: () => emit('convWeightGradient', [gradient, x], convolution),
      bias: () => emit('channelSum', [gradient], {}),
    },
  };
};

export const linear: GradientRule<'linear'> = ({ emit, inputs, gradient, parameters }) => {
  const x = inputAt(inputs, 0);
  return {
    inputs: [() => emit('linearInputGradient', [gradient], { in: x.channels }, parameters('weight'))],
    parameters: {
      weight: () => emit('linearWeightGradient', [x, gradient], {}),
      bias: () => emit('channelSum', [gradient], {}),
    },
  };
};

/** Rows that are other layers' get nothing from this one: their gradients are summed. */
export const packedLinear: GradientRule<'packedLinear'> = ({ emit, inputs, gradient, attributes, parameters }) => {
  const x = inputAt(inputs, 0);
  const { first, rows } = attributes;
  const packed = { first, rows };
  return {
    inputs: [() => emit('linearInputGradient', [gradient], { in: x.channels, packed }, parameters('weight'))],
    parameters: {
      weight: () => emit('placeRows', [emit('linearWeightGradient', [x, gradient], {})], packed),
      bias: () => emit('placeRows', [emit('channelSum', [gradient], {})], packed),
    },
  };
};
