/** The optimisers that an `optim_wrapper` may name. */
import type { ModuleConfig } from '../../registry/config_types.js';
import { type PartTable, partSchema } from '../../registry/part_schema.js';
import { moduleTable } from '../../registry/table.js';
import { adam, adamW } from './adam.js';
import { sgd } from './sgd.js';
import type { UpdateRule } from './update_rule.js';

/** One line each; no import for its side effect. */
const own = { SGD: sgd, Adam: adam, AdamW: adamW } as const;
type OwnOptimisers = typeof own;

/**
 * Every optimiser that a config may name, for the types of configs. A third party's joins by declaration merging:
 * `interface RegisteredOptimisers { readonly MyOptimiser: typeof myOptimiser }`.
 */
export interface RegisteredOptimisers extends OwnOptimisers {}

export type OptimiserConfig = ModuleConfig<RegisteredOptimisers>;

export const OPTIMISERS: PartTable<UpdateRule> = moduleTable('optimiser', own);

/** Of an `optim_wrapper`'s `optimizer`. */
export const optimiserSchema = partSchema<OptimiserConfig>(OPTIMISERS);
