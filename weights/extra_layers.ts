/** Tensors of a file that lie inside layers that the network has, and that it lacks: left out, they would change its numbers. */
import type { CheckpointFacts } from '../core/checkpoint_facts.js';
import { placedNames, readings } from './name_map.js';
import type { ParameterShape } from './state_dict.js';

/** Buffers that follow from a layer's form, or that profilers leave: they hold nothing that was learnt. */
const FOLLOWS =
  /(?:^|\.)(?:num_batches_tracked|relative_position_index|relative_coords_table|attn_mask|total_ops|total_params)$/;

/**
 * Those of the names that lie deeper in the network than in one of its parts (`backbone.layer3.5.conv1.weight` where it has
 * `backbone.layer3.0`, `neck.lateral_convs.0.bn.weight` where it has a `conv` there), each with the module of the network that
 * it lies in. What lies beside all layers of a part (`backbone.norm3`, `backbone.fc`, `bbox_head.loss_cls`) is another task's,
 * or of training; what lies in no part is another model's.
 * @param names that the network does not have.
 */
export function extraLayers(
  names: readonly string[],
  parameters: readonly ParameterShape[],
  facts: readonly CheckpointFacts[],
): readonly { readonly name: string; readonly module: string }[] {
  const modules = new Set(parameters.flatMap(({ name }) => modulesOf(name)));
  const meanings = meaningsIn(parameters, facts);
  return names
    .filter((name) => !FOLLOWS.test(name))
    .flatMap((name) => {
      const around = meanings(name).map((reading) => modulesOf(reading).findLast((module) => modules.has(module)));
      const module = around.find((found) => found?.includes('.') === true);
      return module === undefined ? [] : [{ name, module }];
    });
}

/** What a name that the network does not have may be in it, were the part that it is of larger: by its rules, as `readings`. */
export function meaningsIn(
  parameters: readonly ParameterShape[],
  facts: readonly CheckpointFacts[],
): (name: string) => readonly string[] {
  const roots = [...new Set(parameters.flatMap(({ name }) => modulesOf(name).slice(0, 1)))];
  // A file of a bare part leaves the part's name out.
  const inPart = (root: string, bare: string) => {
    const prefix = `${root}.`;
    const rules = facts.find((part) => part.prefix === prefix)?.names ?? [];
    return readings(bare, rules).map((name) => prefix + name);
  };
  return (name) => {
    const own = roots.find((root) => name.startsWith(`${root}.`));
    const placed = placedNames(name, facts);
    if (own === undefined) return [name, ...placed, ...roots.flatMap((root) => inPart(root, name))];
    return [...readings(name.slice(own.length + 1), []).map((bare) => `${own}.${bare}`), ...placed];
  };
}

/** `a`, `a.b` of `a.b.c`. */
function modulesOf(name: string): readonly string[] {
  const parts = name.split('.').slice(0, -1);
  return parts.map((_, i) => parts.slice(0, i + 1).join('.'));
}
