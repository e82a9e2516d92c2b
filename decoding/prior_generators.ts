/** The generators of priors that a head's `anchor_generator` or `prior_generator` may name. */
import type { z } from 'zod';
import { anchorGeneratorSchema, createAnchorGenerator } from '../geometry/anchors.js';
import { createLegacyAnchorGenerator, legacyAnchorGeneratorSchema } from '../geometry/legacy_anchors.js';
import { createPointGenerator, pointGeneratorSchema } from '../geometry/points.js';
import type { PriorGenerator } from '../geometry/priors.js';
import { createTorchvisionAnchors, torchvisionAnchorsSchema } from '../geometry/torchvision_anchors.js';
import type { ModuleConfig } from '../registry/config_types.js';
import { type PartDefinition, type PartTable, partSchema } from '../registry/part_schema.js';
import { moduleTable } from '../registry/table.js';

export const definePriorGenerator = <const Type extends string, Schema extends z.ZodType>(
  generator: PartDefinition<Type, Schema, PriorGenerator>,
): PartDefinition<Type, Schema, PriorGenerator> => generator;

/** One line each; no import for its side effect. */
const own = {
  AnchorGenerator: definePriorGenerator({
    type: 'AnchorGenerator',
    schema: anchorGeneratorSchema,
    create: createAnchorGenerator,
  }),
  LegacyAnchorGenerator: definePriorGenerator({
    type: 'LegacyAnchorGenerator',
    schema: legacyAnchorGeneratorSchema,
    create: createLegacyAnchorGenerator,
  }),
  MlvlPointGenerator: definePriorGenerator({
    type: 'MlvlPointGenerator',
    schema: pointGeneratorSchema,
    create: createPointGenerator,
  }),
  TorchvisionAnchorGenerator: definePriorGenerator({
    type: 'TorchvisionAnchorGenerator',
    schema: torchvisionAnchorsSchema,
    create: createTorchvisionAnchors,
  }),
} as const;
type OwnPriorGenerators = typeof own;

/**
 * Every prior generator that a config may name, for the types of configs. A third party's joins by declaration merging:
 * `declare module 'lowformer' { interface RegisteredPriorGenerators { readonly MyAnchors: typeof myAnchors } }`.
 */
export interface RegisteredPriorGenerators extends OwnPriorGenerators {}

export type PriorGeneratorConfig = ModuleConfig<RegisteredPriorGenerators>;

export const PRIOR_GENERATORS: PartTable<PriorGenerator> = moduleTable('prior generator', own);

/** Of a head's `anchor_generator`. */
export const priorGeneratorSchema = partSchema<PriorGeneratorConfig>(PRIOR_GENERATORS);
