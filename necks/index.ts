import type { z } from 'zod';
import type { ModuleConfig } from '../registry/config_types.js';
import type { NeckDefinition } from '../registry/define.js';
import { type ModuleTable, moduleTable } from '../registry/table.js';
import { bfp } from './bfp.js';
import { fpn } from './fpn.js';

/** One line each; no import for its side effect. */
const own = { FPN: fpn, BFP: bfp } as const;
type OwnNecks = typeof own;

/**
 * Every neck that a config may name, for the types of configs. A third party's neck joins by declaration merging:
 * `declare module 'lowformer' { interface RegisteredNecks { readonly MyNeck: typeof myNeck } }`.
 */
export interface RegisteredNecks extends OwnNecks {}

export type NeckConfig = ModuleConfig<RegisteredNecks>;

export const NECKS: ModuleTable<NeckDefinition<string, z.ZodType>> = moduleTable('neck', own);
