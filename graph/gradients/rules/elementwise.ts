import type { ActivationGradientAttributes } from '../../operations/elementwise_gradients.js';
import { type GradientRule, inputAt, type RuleContext } from '../rule.js';

/** An activation whose slope is an operation of its own. */
function activation<Name extends 'relu' | 'relu6' | 'hardswish' | 'silu' | 'sigmoid' | 'gelu'>(
  of: (attributes: RuleContext<Name>['attributes']) => ActivationGradientAttributes,
): GradientRule<Name> {
  return ({ emit, inputs, gradient, attributes }) => ({
    inputs: [() => emit('activationGradient', [inputAt(inputs, 0), gradient], of(attributes))],
  });
}

export const relu = activation<'relu'>(() => ({ of: 'relu' }));
export const relu6 = activation<'relu6'>(() => ({ of: 'relu6' }));
export const hardswish = activation<'hardswish'>(() => ({ of: 'hardswish' }));
export const silu = activation<'silu'>(() => ({ of: 'silu' }));
export const sigmoid = activation<'sigmoid'>(() => ({ of: 'sigmoid' }));
export const gelu = activation<'gelu'>(({ approximate }) => ({ of: 'gelu', approximate }));

export const exp: GradientRule<'exp'> = ({ emit, node, gradient }) => ({
  inputs: [() => emit('multiply', [node.output, gradient], {})],
});

export const scale: GradientRule<'scale'> = ({ emit, gradient, attributes }) => ({
  inputs: [() => emit('scale', [gradient], attributes)],
});

export const channelScale: GradientRule<'channelScale'> = ({ emit, inputs, gradient, attributes, parameters }) => ({
  inputs: [() => emit('channelScale', [gradient], attributes, parameters('gamma'))],
  parameters: {
    gamma: () => {
      const sum = emit('channelSum', [emit('multiply', [inputAt(inputs, 0), gradient], {})], {});
      return attributes.flat ? sum : emit('reshapeWeight', [sum], { shape: [sum.channels, 1, 1] });
    },
  },
});

export const learnedScale: GradientRule<'learnedScale'> = ({ emit, inputs, gradient, parameters }) => ({
  inputs: [() => emit('learnedScale', [gradient], {}, parameters('scale'))],
  parameters: {
    scale: () => {
      const product = emit('multiply', [inputAt(inputs, 0), gradient], {});
      return emit('sumOfWeight', [emit('channelSum', [product], {})], {});
    },
  },
});

export const add: GradientRule<'add'> = ({ gradient }) => ({ inputs: [() => gradient, () => gradient] });

export const subtract: GradientRule<'subtract'> = ({ emit, gradient }) => ({
  inputs: [() => gradient, () => emit('scale', [gradient], { factor: -1 })],
});

export const multiply: GradientRule<'multiply'> = ({ emit, inputs, gradient }) => ({
  inputs: [
    () => emit('multiply', [gradient, inputAt(inputs, 1)], {}),
    () => emit('multiply', [gradient, inputAt(inputs, 0)], {}),
  ],
});

export const gate: GradientRule<'gate'> = ({ emit, inputs, gradient }) => ({
  inputs: [
    () => emit('gate', [gradient, inputAt(inputs, 1)], {}),
    () => emit('sumToPixel', [emit('multiply', [gradient, inputAt(inputs, 0)], {})], {}),
  ],
});

export const sumToPixel: GradientRule<'sumToPixel'> = ({ emit, inputs, gradient }) => ({
  inputs: [() => emit('gate', [emit('onesLike', [inputAt(inputs, 0)], {}), gradient], {})],
});

export const reshapeWeight: GradientRule<'reshapeWeight'> = ({ emit, inputs, gradient }) => ({
  inputs: [() => emit('reshapeWeight', [gradient], { shape: inputAt(inputs, 0).shape ?? [] })],
});

/** A constant. */
export const onesLike: GradientRule<'onesLike'> = () => ({ inputs: [undefined] });
