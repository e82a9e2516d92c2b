/** The coders of boxes that a head's `bbox_coder` may name. */
import type { z } from 'zod';
import type { BoxCoder } from '../geometry/box_coder.js';
import { createDeltaXywhCoder, deltaXywhCoderSchema } from '../geometry/delta_xywh_coder.js';
import { createDistancePointCoder, distancePointCoderSchema } from '../geometry/distance_point_coder.js';
import { createLegacyDeltaXywhCoder, legacyDeltaXywhCoderSchema } from '../geometry/legacy_delta_xywh_coder.js';
import { createTblrCoder, tblrCoderSchema } from '../geometry/tblr_coder.js';
import { createTorchvisionBoxCoder, torchvisionBoxCoderSchema } from '../geometry/torchvision_box_coder.js';
import type { ModuleConfig } from '../registry/config_types.js';
import { type PartDefinition, type PartTable, partSchema } from '../registry/part_schema.js';
import { moduleTable } from '../registry/table.js';

export const defineBoxCoder = <const Type extends string, Schema extends z.ZodType>(
  coder: PartDefinition<Type, Schema, BoxCoder>,
): PartDefinition<Type, Schema, BoxCoder> => coder;

/** One line each; no import for its side effect. */
const own = {
  DeltaXYWHBBoxCoder: defineBoxCoder({
    type: 'DeltaXYWHBBoxCoder',
    schema: deltaXywhCoderSchema,
    create: createDeltaXywhCoder,
  }),
  LegacyDeltaXYWHBBoxCoder: defineBoxCoder({
    type: 'LegacyDeltaXYWHBBoxCoder',
    schema: legacyDeltaXywhCoderSchema,
    create: createLegacyDeltaXywhCoder,
  }),
  TBLRBBoxCoder: defineBoxCoder({ type: 'TBLRBBoxCoder', schema: tblrCoderSchema, create: createTblrCoder }),
  DistancePointBBoxCoder: defineBoxCoder({
    type: 'DistancePointBBoxCoder',
    schema: distancePointCoderSchema,
    create: createDistancePointCoder,
  }),
  TorchvisionBoxCoder: defineBoxCoder({
    type: 'TorchvisionBoxCoder',
    schema: torchvisionBoxCoderSchema,
    create: createTorchvisionBoxCoder,
  }),
} as const;
type OwnBoxCoders = typeof own;

/**
 * Every box coder that a config may name, for the types of configs. A third party's joins by declaration merging:
 * `declare module 'lowformer' { interface RegisteredBoxCoders { readonly MyCoder: typeof myCoder } }`.
 */
export interface RegisteredBoxCoders extends OwnBoxCoders {}

export type BoxCoderConfig = ModuleConfig<RegisteredBoxCoders>;

export const BOX_CODERS: PartTable<BoxCoder> = moduleTable('box coder', own);

/** Of a head's `bbox_coder`. */
export const boxCoderSchema = partSchema<BoxCoderConfig>(BOX_CODERS);
