/**
 * What convolutions and linear layers leave to their inputs and weights. Inputs stand as in the operation itself, the
 * gradient of its result last.
 */
import type { Shape } from '../../core/tensor.js';
import { type ConvAttributes, conv } from './convolution.js';
import { first, invalid, mapShape, type NoAttributes, type Operation, parameter, second } from './operation.js';
import { weight, weightShape } from './weights.js';

/**
 * The gradient of a convolution's input: [N, in, H, W] (read for its size alone) and [N, out, h, w] -> [N, in, H, W].
 * A convolution with the kernel turned where the stride is 1, else a transposed one, with zeros where no window reached.
 */
export const convInputGradient: Operation<ConvAttributes> = {
  inputs: 2,
  parameters: (inputs, attributes) => conv.parameters?.(inputs, { ...attributes, bias: false }) ?? {},
  result: (inputs, attributes) => {
    checkGradient(second(inputs).channels, attributes);
    return { kind: 'map', channels: first(inputs).channels };
  },
  shape: (inputs) => mapShape(first(inputs)),
  macs: macsOfConvolution,
};

/** The gradient of a convolution's weight: [N, in, H, W] and [N, out, h, w] -> [out, in/groups, kernel, kernel]. */
export const convWeightGradient: Operation<ConvAttributes> = {
  inputs: 2,
  result: (inputs, attributes) => {
    checkGradient(second(inputs).channels, attributes);
    return weight(...kernelShape(first(inputs).channels, attributes));
  },
  shape: (inputs, attributes) => kernelShape(mapShape(first(inputs))[1], attributes),
  macs: macsOfConvolution,
};

function checkGradient(channels: number, { out }: ConvAttributes): void {
  if (channels !== out) throw invalid(`a gradient of ${out} channels`, channels);
}

function kernelShape(channels: number, { out, groups, kernel }: ConvAttributes): Shape {
  return [out, channels / groups, kernel, kernel];
}

function macsOfConvolution(inputs: readonly Shape[], _output: Shape, { kernel, groups }: ConvAttributes): number {
  const [n, c, h, w] = mapShape(second(inputs));
  return (n * c * h * w * kernel * kernel * mapShape(first(inputs))[1]) / groups;
}

export interface LinearInputGradientAttributes {
  /** Channels of the layer's input. */
  readonly in: number;
  /** The first row of a packed weight that is this layer's, and how many rows the weight has; a weight of its own where absent. */
  readonly packed?: { readonly first: number; readonly rows: number };
}

/** The gradient of a linear layer's input: [N, out] or [N, out, H, W], times weight [out, in] or rows of a packed one. */
export const linearInputGradient: Operation<LinearInputGradientAttributes> = {
  inputs: 1,
  parameters: (inputs, { in: channels, packed }) => ({
    weight: parameter(packed?.rows ?? first(inputs).channels, channels),
  }),
  result: (inputs, { in: channels }) => ({ kind: first(inputs).kind, channels }),
  shape: (inputs, { in: channels }) => first(inputs).map((extent, axis) => (axis === 1 ? channels : extent)),
  macs: (inputs, _output, { in: channels }) => first(inputs).reduce((product, extent) => product * extent, channels),
};

/** The gradient of a linear layer's weight: [N, in] or [N, in, H, W], and the same with out channels -> [out, in]. */
export const linearWeightGradient: Operation<NoAttributes> = {
  inputs: 2,
  result: (inputs) => weight(second(inputs).channels, first(inputs).channels),
  shape: (inputs) => [second(inputs)[1] ?? 0, first(inputs)[1] ?? 0],
  macs: (inputs) => second(inputs).reduce((product, extent) => product * extent, first(inputs)[1] ?? 0),
};

export interface PlaceRowsAttributes {
  /** Where the first row goes. */
  readonly first: number;
  /** Rows of the result. */
  readonly rows: number;
}

/** A weight as some rows of a taller one that is zero elsewhere. */
export const placeRows: Operation<PlaceRowsAttributes> = {
  inputs: 1,
  result: (inputs, { rows }) => weight(rows, ...weightShape(first(inputs)).slice(1)),
  shape: (inputs, { rows }) => [rows, ...first(inputs).slice(1)],
};
