/** Which of its published sizes a part would have to have for a file to fit it. */
import type { CheckpointFacts } from '../core/checkpoint_facts.js';
import { type Shape, sameShape } from '../core/tensor.js';
import { meaningsIn } from './extra_layers.js';
import { isCounter, type ParameterShape, type StateDict } from './state_dict.js';

/**
 * What to set in the config, as a sentence without full stop: `the file's backbone has depth 101: set model.backbone.depth to
 * 101`. undefined where the part fits as it is, or in no size.
 * @param tensors under the network's names, as far as it has them; the others under any that the parts' rules read.
 */
export function fittingSize(
  parameters: readonly ParameterShape[],
  tensors: StateDict,
  facts: readonly CheckpointFacts[],
): string | undefined {
  const parts = facts.filter(({ sizes }) => sizes !== undefined);
  if (parts.length === 0) return undefined;
  const meanings = meaningsIn(parameters, facts);
  const shapes = new Map<string, Shape>();
  for (const [name, { shape }] of tensors) for (const meaning of meanings(name)) shapes.set(meaning, shape);
  const fits = ({ name, shape }: ParameterShape) => {
    const stored = shapes.get(name);
    return isCounter(name) || (stored !== undefined && sameShape(stored, shape));
  };
  for (const { prefix, sizes } of parts) {
    const own = parameters.filter(({ name }) => name.startsWith(prefix));
    // A deeper network's file has all that a shallower one asks for.
    const [best] = (sizes?.() ?? [])
      .map((size) => ({ ...size, parameters: size.parameters.map((one) => ({ ...one, name: prefix + one.name })) }))
      .filter((size) => size.parameters.every(fits))
      .sort((a, b) => b.parameters.length - a.parameters.length);
    if (best === undefined || (own.every(fits) && best.parameters.length <= own.length)) continue;
    const part = prefix.slice(0, -1);
    return `the file's ${part} has ${best.key} ${best.value}: set model.${part}.${best.key} to ${best.value}`;
  }
  return undefined;
}
