/** The suppressions that `test_cfg.nms` may name. */
import type { z } from 'zod';
import { createNms, nmsSchema } from '../geometry/nms.js';
import { createSoftNms, softNmsSchema } from '../geometry/soft_nms.js';
import type { Suppression } from '../geometry/suppression.js';
import { createTorchvisionNms, torchvisionNmsSchema } from '../geometry/torchvision_nms.js';
import type { ModuleConfig } from '../registry/config_types.js';
import { type PartDefinition, type PartTable, partSchema } from '../registry/part_schema.js';
import { moduleTable } from '../registry/table.js';

export const defineSuppression = <const Type extends string, Schema extends z.ZodType>(
  suppression: PartDefinition<Type, Schema, Suppression>,
): PartDefinition<Type, Schema, Suppression> => suppression;

/**
 * One line each; no import for its side effect. mmcv's `nms_match` is none: it gives groups of boxes, for training, and
 * mmcv's `batched_nms` fails on it.
 */
const own = {
  nms: defineSuppression({ type: 'nms', schema: nmsSchema, create: createNms }),
  soft_nms: defineSuppression({ type: 'soft_nms', schema: softNmsSchema, create: createSoftNms }),
  torchvision_nms: defineSuppression({
    type: 'torchvision_nms',
    schema: torchvisionNmsSchema,
    create: createTorchvisionNms,
  }),
} as const;
type OwnSuppressions = typeof own;

/**
 * Every suppression that a config may name, for the types of configs. A third party's joins by declaration merging:
 * `declare module 'lowformer' { interface RegisteredSuppressions { readonly my_nms: typeof myNms } }`.
 */
export interface RegisteredSuppressions extends OwnSuppressions {}

export type SuppressionConfig = ModuleConfig<RegisteredSuppressions>;

export const SUPPRESSIONS: PartTable<Suppression> = moduleTable('suppression', own);

/** Of `test_cfg.nms`; mmcv takes one without a type for `nms`. */
export const suppressionSchema = partSchema<SuppressionConfig | Omit<SuppressionConfig, 'type'>>(SUPPRESSIONS, 'nms');
