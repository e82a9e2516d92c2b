import { elements } from '../../core/tensor.js';
import type { GraphNode } from '../graph.js';
import type { Value } from '../value.js';
import type { FoldedParameters } from './folded_parameters.js';

/** A map with a number for each channel added to every pixel: a depthwise convolution with a weight of 1. */
export function shiftedMap(
  map: Value,
  output: Value,
  { bias, scope }: { readonly bias: string; readonly scope: string },
  folded: FoldedParameters,
): GraphNode<'conv'> {
  const { channels } = map;
  const shape = [channels, 1, 1, 1];
  const attributes = { out: channels, kernel: 1, stride: 1, pad: 0, groups: channels, bias: true };
  const weight = folded.add(`ones_${channels}`, shape, (into = new Float32Array(elements(shape))) => into.fill(1));
  return { operation: 'conv', attributes, inputs: [map], output, parameters: { weight, bias }, scope };
}
