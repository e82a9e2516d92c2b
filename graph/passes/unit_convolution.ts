import { elements } from '../../core/tensor.js';
import type { GraphNode } from '../graph.js';
import type { Value } from '../value.js';
import type { FoldedParameters } from './folded_parameters.js';

/** What its weight is called. */
export function unitWeight(channels: number): string {
  return `ones_${channels}`;
}

/** A depthwise convolution of kernel 1 with weights of 1: the map itself, with a number for each channel added where there is a bias. */
export function unitConvolution(
  map: Value,
  output: Value,
  { bias, scope }: { readonly bias?: string; readonly scope: string },
  folded: FoldedParameters,
): GraphNode<'conv'> {
  const { channels } = map;
  const shape = [channels, 1, 1, 1];
  const attributes = { out: channels, kernel: 1, stride: 1, pad: 0, groups: channels, bias: bias !== undefined };
  const weight = folded.add(unitWeight(channels), shape, (into = new Float32Array(elements(shape))) => into.fill(1));
  const parameters = { weight, ...(bias === undefined ? {} : { bias }) };
  return { operation: 'conv', attributes, inputs: [map], output, parameters, scope };
}
