/** What functions of single elements leave to their inputs, and the sums that learned factors and biases need. */
import type { GeluAttributes } from './elementwise.js';
import { first, invalid, mapShape, type NoAttributes, type Operation, second } from './operation.js';
import { formOf, sameForm, weight, weightShape } from './weights.js';

export type ActivationGradientAttributes =
  | { readonly of: 'relu' | 'relu6' | 'hardswish' | 'silu' | 'sigmoid' }
  | { readonly of: 'gelu'; readonly approximate: GeluAttributes['approximate'] };

/** The gradient of an activation's input, from that input and the gradient of the result; at a kink as torch has it. */
export const activationGradient: Operation<ActivationGradientAttributes> = {
  inputs: 2,
  result: (inputs) => {
    const [x, gradient] = [first(inputs), second(inputs)];
    if (!sameForm(x, gradient)) throw invalid(`a ${x.kind} of ${x.channels} channels`, gradient);
    return formOf(x);
  },
  shape: (inputs) => first(inputs),
};

/** Ones in the shape of a value: the gradient of a loss. */
export const onesLike: Operation<NoAttributes> = {
  inputs: 1,
  result: (inputs) => formOf(first(inputs)),
  shape: (inputs) => first(inputs),
};

/** The sum of each channel over batch and pixels, [N, C] or [N, C, H, W] -> [C]: the gradient of a bias. */
export const channelSum: Operation<NoAttributes> = {
  inputs: 1,
  result: (inputs) => weight(first(inputs).channels),
  shape: (inputs) => [first(inputs)[1] ?? 0],
};

/** A weight in another shape, with as many elements. */
export interface ReshapeWeightAttributes {
  readonly shape: readonly number[];
}
export const reshapeWeight: Operation<ReshapeWeightAttributes> = {
  inputs: 1,
  result: (inputs, { shape }) => {
    const count = (extents: readonly number[]) => extents.reduce((product, extent) => product * extent, 1);
    const from = weightShape(first(inputs));
    if (count(from) !== count(shape)) throw invalid(`as many elements as [${shape.join(', ')}] has`, from);
    return weight(...shape);
  },
  shape: (_inputs, { shape }) => shape,
};

/** The sum of all elements of a weight: -> []. */
export const sumOfWeight: Operation<NoAttributes> = {
  inputs: 1,
  result: (inputs) => {
    weightShape(first(inputs));
    return weight();
  },
  shape: () => [],
};

/** The sum over all pixels: [N, C, H, W] -> [N, C, 1, 1]. */
export const sumToPixel: Operation<NoAttributes> = {
  inputs: 1,
  result: (inputs) => ({ kind: 'map', channels: first(inputs).channels }),
  shape: (inputs) => [...mapShape(first(inputs)).slice(0, 2), 1, 1],
};
