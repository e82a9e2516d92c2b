import type { z } from 'zod';
import type { ModuleConfig } from '../registry/config_types.js';
import type { BackboneDefinition } from '../registry/define.js';
import { type ModuleTable, moduleTable } from '../registry/table.js';
import { lowformer } from './lowformer.js';

/** One line each; no import for its side effect. */
const own = { LowFormer: lowformer } as const;
type OwnBackbones = typeof own;

/**
 * Every backbone that a config may name, for the types of configs. A third party's backbone joins by declaration
 * merging: `declare module 'lowformer' { interface RegisteredBackbones { readonly MyNet: typeof myNet } }`.
 */
export interface RegisteredBackbones extends OwnBackbones {}

export type BackboneConfig = ModuleConfig<RegisteredBackbones>;

export const BACKBONES: ModuleTable<BackboneDefinition<string, z.ZodType>> = moduleTable('backbone', own);
