/** mmengine's `paramwise_cfg`: learning rate and weight decay of each parameter, by DefaultOptimWrapperConstructor's rules. */
import { z } from 'zod';
import type { TrainedParameter } from './trained_parameter.js';

const factor = z.number().min(0);

export const paramwiseSchema = z.strictObject({
  custom_keys: z
    .record(z.string(), z.looseObject({ lr_mult: factor.optional(), decay_mult: factor.optional() }))
    .optional()
    .describe('by parts of names; the longest that a name has counts, and no other rule does'),
  norm_decay_mult: factor.optional(),
  bias_lr_mult: factor.optional().describe('of biases, but not those of norms'),
  bias_decay_mult: factor.optional().describe('of biases, but not those of norms'),
  dwconv_decay_mult: factor.optional().describe('of depthwise convolutions'),
  flat_decay_mult: factor.optional().describe('of other parameters with one dimension'),
  dcn_offset_lr_mult: factor.optional().describe('of deformable convolutions, which no network here has'),
  bypass_duplicate: z.boolean().default(false).describe('parameters that share their memory are trained once'),
});
export type ParamwiseConfig = z.output<typeof paramwiseSchema>;

/** What `paramwise_cfg` makes of one parameter. */
export interface ParameterOptions {
  /** Times the optimiser's learning rate. */
  readonly lrMult: number;
  /** Times the optimiser's weight decay. */
  readonly decayMult: number;
  /** The entry of `custom_keys` that counts. */
  readonly customKey?: string;
  /** Options of the optimiser that this entry sets besides. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** Rules in the order of mmengine's: the first that fits a parameter counts. */
export function parameterOptions(config: ParamwiseConfig, parameter: TrainedParameter): ParameterOptions {
  const { name, module, shape } = parameter;
  const custom = customEntry(config, name);
  if (custom !== undefined) return custom;
  const isBias = name.slice(name.lastIndexOf('.') + 1) === 'bias';
  const lrMult = isBias && module !== 'norm' ? config.bias_lr_mult : undefined;
  return { lrMult: lrMult ?? 1, decayMult: decayMult(config, module, isBias, shape.length) ?? 1, options: {} };
}

/** Longest key first; of equally long ones the first in alphabetical order. A key may have the dot before a name. */
function customEntry({ custom_keys: keys = {} }: ParamwiseConfig, name: string): ParameterOptions | undefined {
  const inModule = name.includes('.') ? name : `.${name}`;
  const [found] = Object.entries(keys)
    .filter(([key]) => inModule.includes(key))
    .toSorted(([a], [b]) => b.length - a.length || (a < b ? -1 : 1));
  if (found === undefined) return undefined;
  const [customKey, { lr_mult: lrMult = 1, decay_mult: decayMult = 1, ...options }] = found;
  return { lrMult, decayMult, customKey, options };
}

function decayMult(
  config: ParamwiseConfig,
  module: TrainedParameter['module'],
  isBias: boolean,
  axes: number,
): number | undefined {
  if (module === 'norm' && config.norm_decay_mult !== undefined) return config.norm_decay_mult;
  if (isBias && config.bias_decay_mult !== undefined) return config.bias_decay_mult;
  if (module === 'depthwise' && config.dwconv_decay_mult !== undefined) return config.dwconv_decay_mult;
  return axes === 1 ? config.flat_decay_mult : undefined;
}

/** The keys of a `paramwise_cfg` that multiply the weight decay, by their paths: such a decay has to be written. */
export function decayKeys(config: ParamwiseConfig): readonly string[] {
  const custom = Object.entries(config.custom_keys ?? {}).filter(([, { decay_mult }]) => decay_mult !== undefined);
  const own = ['norm_decay_mult', 'bias_decay_mult', 'dwconv_decay_mult', 'flat_decay_mult'] as const;
  return [...own.filter((key) => config[key] !== undefined), ...custom.map(([key]) => `custom_keys.${key}.decay_mult`)];
}
