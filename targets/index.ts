/** The assigners and samplers that a model's `train_cfg` may name. */
import type { z } from 'zod';
import type { ModuleConfig } from '../registry/config_types.js';
import { type PartDefinition, type PartTable, partSchema } from '../registry/part_schema.js';
import { moduleTable } from '../registry/table.js';
import type { Assigner } from './assigner.js';
import { atssAssignerSchema, createAtssAssigner } from './atss_assigner.js';
import { createMaxIouAssigner, maxIouAssignerSchema } from './max_iou_assigner.js';
import { createPseudoSampler, pseudoSamplerSchema, type Sampler } from './pseudo_sampler.js';

export const defineAssigner = <const Type extends string, Schema extends z.ZodType>(
  assigner: PartDefinition<Type, Schema, Assigner>,
): PartDefinition<Type, Schema, Assigner> => assigner;

export const defineSampler = <const Type extends string, Schema extends z.ZodType>(
  sampler: PartDefinition<Type, Schema, Sampler>,
): PartDefinition<Type, Schema, Sampler> => sampler;

/** One line each; no import for its side effect. */
const ownAssigners = {
  MaxIoUAssigner: defineAssigner({
    type: 'MaxIoUAssigner',
    schema: maxIouAssignerSchema,
    create: createMaxIouAssigner,
  }),
  ATSSAssigner: defineAssigner({ type: 'ATSSAssigner', schema: atssAssignerSchema, create: createAtssAssigner }),
} as const;
type OwnAssigners = typeof ownAssigners;

const ownSamplers = {
  PseudoSampler: defineSampler({ type: 'PseudoSampler', schema: pseudoSamplerSchema, create: createPseudoSampler }),
} as const;
type OwnSamplers = typeof ownSamplers;

/**
 * Every assigner that a config may name, for the types of configs. A third party's joins by declaration merging:
 * `declare module 'lowformer' { interface RegisteredAssigners { readonly MyAssigner: typeof myAssigner } }`.
 */
export interface RegisteredAssigners extends OwnAssigners {}
export interface RegisteredSamplers extends OwnSamplers {}

export type AssignerConfig = ModuleConfig<RegisteredAssigners>;
export type SamplerConfig = ModuleConfig<RegisteredSamplers>;

export const ASSIGNERS: PartTable<Assigner> = moduleTable('assigner', ownAssigners);
export const SAMPLERS: PartTable<Sampler> = moduleTable('sampler', ownSamplers);

/** Of `train_cfg.assigner` and `train_cfg.sampler`. */
export const assignerSchema = partSchema<AssignerConfig>(ASSIGNERS);
export const samplerSchema = partSchema<SamplerConfig>(SAMPLERS);
