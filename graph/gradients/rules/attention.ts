import { type GradientRule, inputAt } from '../rule.js';

export const attention: GradientRule<'attention'> = ({ emit, inputs, gradient, attributes }) => ({
  inputs: [() => emit('attentionGradient', [inputAt(inputs, 0), gradient], attributes)],
});

export const linearAttention: GradientRule<'linearAttention'> = ({ emit, inputs, gradient, attributes }) => ({
  inputs: [() => emit('linearAttentionGradient', [inputAt(inputs, 0), gradient], attributes)],
});

export const crossAttention: GradientRule<'crossAttention'> = ({ emit, inputs, gradient, attributes }) => ({
  inputs: [
    () => emit('crossAttentionQueryGradient', [...inputs, gradient], attributes),
    () => emit('crossAttentionKeyValueGradient', [...inputs, gradient], attributes),
  ],
});

export const shiftedWindowAttention: GradientRule<'shiftedWindowAttention'> = (context) => {
  const { emit, inputs, gradient, attributes, parameters } = context;
  const pair = [inputAt(inputs, 0), gradient];
  return {
    inputs: [() => emit('shiftedWindowAttentionGradient', pair, attributes, parameters('positions'))],
    parameters: {
      positions: () => emit('shiftedWindowPositionsGradient', pair, attributes, parameters('positions')),
    },
  };
};

export const paddedWindowAttention: GradientRule<'paddedWindowAttention'> = (context) => {
  const { emit, inputs, gradient, attributes } = context;
  return { inputs: [() => emit('paddedWindowAttentionGradient', [...inputs, gradient], attributes), undefined] };
};
