/** Rules of what losses are made of. What is 0 nearly everywhere, and what reads labels, lets nothing flow back. */
import type { Value } from '../../value.js';
import { type Emit, type GradientRule, inputAt } from '../rule.js';

export const log: GradientRule<'log'> = ({ emit, inputs, gradient }) => ({
  inputs: [() => emit('divide', [gradient, inputAt(inputs, 0)], {})],
});

/** 0 at 0, as torch has it. */
export const abs: GradientRule<'abs'> = ({ emit, inputs, gradient }) => ({
  inputs: [() => emit('multiply', [gradient, emit('sign', [inputAt(inputs, 0)], {})], {})],
});

export const softplus: GradientRule<'softplus'> = ({ emit, inputs, gradient }) => ({
  inputs: [() => emit('multiply', [gradient, emit('sigmoid', [inputAt(inputs, 0)], {})], {})],
});

export const shift: GradientRule<'shift'> = ({ gradient }) => ({ inputs: [() => gradient] });

export const power: GradientRule<'power'> = ({ emit, inputs, gradient, attributes: { exponent } }) => ({
  inputs: [
    () => {
      const slope = emit('power', [inputAt(inputs, 0)], { exponent: exponent - 1 });
      return emit('scale', [emit('multiply', [gradient, slope], {})], { factor: exponent });
    },
  ],
});

/** On a bound it flows, as through torch's `clamp`. */
export const clip: GradientRule<'clip'> = ({ emit, inputs, gradient, attributes }) => ({
  inputs: [() => emit('multiply', [gradient, emit('within', [inputAt(inputs, 0)], attributes)], {})],
});

export const divide: GradientRule<'divide'> = ({ emit, node, inputs, gradient }) => {
  const share = () => emit('divide', [gradient, inputAt(inputs, 1)], {});
  return {
    inputs: [share, () => emit('scale', [emit('multiply', [share(), node.output], {})], { factor: -1 })],
  };
};

/** To the smaller one; half to each where they are equal, as torch has it. */
export const minimum: GradientRule<'minimum'> = ({ emit, inputs, gradient }) => ({
  inputs: [() => toLarger(emit, inputs, gradient, 1), () => toLarger(emit, inputs, gradient, 0)],
});

export const maximum: GradientRule<'maximum'> = ({ emit, inputs, gradient }) => ({
  inputs: [() => toLarger(emit, inputs, gradient, 0), () => toLarger(emit, inputs, gradient, 1)],
});

/** The gradient where the input of that index is the larger one. */
function toLarger(emit: Emit, inputs: readonly Value[], gradient: Value, index: 0 | 1): Value {
  const difference = emit('subtract', [inputAt(inputs, index), inputAt(inputs, 1 - index)], {});
  const share = emit('shift', [emit('scale', [emit('sign', [difference], {})], { factor: 0.5 })], { by: 0.5 });
  return emit('multiply', [gradient, share], {});
}

export const sumChannelGroups: GradientRule<'sumChannelGroups'> = ({ emit, gradient, attributes: { size } }) => ({
  inputs: [() => emit('repeatChannels', [gradient], { times: size })],
});

export const repeatChannels: GradientRule<'repeatChannels'> = ({ emit, gradient, attributes: { times } }) => ({
  inputs: [() => emit('sumChannelGroups', [gradient], { size: times })],
});

export const channelOfGroups: GradientRule<'channelOfGroups'> = ({ emit, gradient, attributes }) => ({
  inputs: [() => emit('placeInGroups', [gradient], attributes)],
});

export const placeInGroups: GradientRule<'placeInGroups'> = ({ emit, gradient, attributes }) => ({
  inputs: [() => emit('channelOfGroups', [gradient], attributes)],
});

/** What flows in, less each channel's share of the sum over its group. */
export const logSoftmax: GradientRule<'logSoftmax'> = ({ emit, node, gradient, attributes: { groups } }) => ({
  inputs: [
    () => {
      const size = node.output.channels / groups;
      const sums = emit('sumChannelGroups', [gradient], { size });
      const shares = emit('exp', [node.output], {});
      return emit(
        'subtract',
        [gradient, emit('multiply', [shares, emit('repeatChannels', [sums], { times: size })], {})],
        {},
      );
    },
  ],
});

export const sum: GradientRule<'sum'> = ({ emit, inputs, gradient }) => ({
  inputs: [() => emit('expandLike', [gradient, inputAt(inputs, 0)], {})],
});

export const sumOfPictures: GradientRule<'sumOfPictures'> = ({ emit, inputs, gradient }) => ({
  inputs: [() => emit('expandLike', [gradient, inputAt(inputs, 0)], {})],
});

/** One input, to which nothing flows back. */
const nothing = () => ({ inputs: [undefined] });
export const sign: GradientRule<'sign'> = nothing;
export const within: GradientRule<'within'> = nothing;
export const oneHot: GradientRule<'oneHot'> = nothing;
export const argmaxChannels: GradientRule<'argmaxChannels'> = nothing;
export const countElements: GradientRule<'countElements'> = nothing;
