/** Parameters with the same options of the optimiser, as torch's `param_groups`. */
import { LowformerError } from '../../core/errors.js';
import { parsePart } from '../../registry/parse_module.js';
import { type CheckedPart, createPart } from '../../registry/part_schema.js';
import { OPTIMISERS, optimiserSchema } from '../optimisers/index.js';
import type { UpdateRule } from '../optimisers/update_rule.js';
import type { LearningRate } from './learning_rate.js';
import { type ParameterOptions, parameterOptions } from './paramwise.js';
import type { OptimWrapperConfig } from './schema.js';
import type { TrainedParameter } from './trained_parameter.js';

export interface ParameterGroup {
  readonly rule: UpdateRule;
  readonly rate: LearningRate;
  readonly members: readonly Member[];
}

interface Member extends TrainedParameter {
  /** The arrays that the rule keeps for it. */
  readonly state: readonly Float32Array[];
}

/**
 * Sorts parameters into groups, in the order in which each group's first comes.
 * @param scale times every learning rate.
 * @throws {LowformerError} as `createOptimWrapper` says.
 */
export function parameterGroups(
  { optimizer, paramwise_cfg: paramwise }: OptimWrapperConfig,
  parameters: readonly TrainedParameter[],
  scale: number,
): { readonly base: LearningRate; readonly groups: readonly ParameterGroup[] } {
  const own = createPart(OPTIMISERS, optimizer);
  const found = new Map<string, { rule: UpdateRule; rate: LearningRate; members: Member[] }>();
  for (const parameter of unshared(parameters, paramwise?.bypass_duplicate === true)) {
    const options =
      paramwise == null ? { lrMult: 1, decayMult: 1, options: {} } : parameterOptions(paramwise, parameter);
    const key = JSON.stringify([options.lrMult, options.decayMult, options.options]);
    let group = found.get(key);
    if (group === undefined) {
      const rule = createPart(OPTIMISERS, optionsOfGroup(optimizer, own.lr, options));
      group = { rule, rate: startingAt(rule.lr * scale), members: [] };
      found.set(key, group);
    }
    const state = group.rule.slots.map(() => new Float32Array(parameter.data.length));
    group.members.push({ ...parameter, state });
  }
  return { base: startingAt(own.lr * scale), groups: [...found.values()] };
}

function startingAt(initial: number): LearningRate {
  return { initial, current: initial };
}

function optionsOfGroup(
  { type, ...optimizer }: CheckedPart,
  lr: number,
  { lrMult, decayMult, customKey, options }: ParameterOptions,
): CheckedPart {
  const decay = optimizer.weight_decay;
  const multiplied = {
    ...optimizer,
    lr: lr * lrMult,
    ...(typeof decay === 'number' ? { weight_decay: decay * decayMult } : {}),
  };
  if (Object.keys(options).length === 0) return { type, ...multiplied };
  const path = `optim_wrapper.paramwise_cfg.custom_keys.${customKey}`;
  return parsePart(optimiserSchema, { type, ...multiplied, ...options }, { path });
}

/** Parameters without those that are another's memory. */
function unshared(parameters: readonly TrainedParameter[], bypasses: boolean): readonly TrainedParameter[] {
  const names = new Map<unknown, string>();
  return parameters.filter(({ name, data }) => {
    const first = names.get(data) ?? names.get(name);
    names.set(data, name).set(name, name);
    if (first === undefined) return true;
    if (bypasses) return false;
    const expected = `a parameter once, but ${first} is the same memory`;
    const hint = 'paramwise_cfg: {bypass_duplicate: true} trains it once.';
    throw new LowformerError({ code: 'invalid-argument', where: name, expected, hint });
  });
}
