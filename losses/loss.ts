/** What a loss is: from raw outputs and what is true of them to one number that training makes small. */
import type { z } from 'zod';
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import type { PartDefinition } from '../registry/part_schema.js';

/** Whose form of a loss is meant where mmdet's and mmseg's of one name differ. */
export type LossUse = 'detection' | 'segmentation';

/** What a prediction is held to. */
export type LossTarget =
  /** Class indices [N, G, H, W] for a prediction of G groups of channels, one a class; of no class: background. */
  | { readonly kind: 'classes'; readonly labels: Value; readonly quality?: Value }
  /** Numbers, one for each of the prediction's channels. */
  | { readonly kind: 'values'; readonly values: Value };

export interface LossInputs {
  readonly use: LossUse;
  /** [N, C, H, W], before any activation. */
  readonly prediction: Value;
  readonly target: LossTarget;
  /** Of each group of channels: [N, G, H, W], C a multiple of G. 1 where absent. */
  readonly weight?: Value;
  /** The `avg_factor` of mmdet, a single number: what a mean divides by, in the place of the number of elements. */
  readonly averageFactor?: Value;
  /** The label that does not count, where the head has one; a loss's own `ignore_index` stands behind it. */
  readonly ignoreIndex?: number;
}

export interface Loss {
  /** The config's `type`. */
  readonly type: string;
  /** mmseg's `loss_name`: what it is logged as. */
  readonly name: string;
  /** Where it can stand: mmseg's loss of that name may be another. */
  readonly uses: readonly LossUse[];
  /** Emits the loss: one number [1, 1, 1, 1], `loss_weight` in it. @throws {LowformerError} `invalid-config` */
  build(g: GraphBuilder, inputs: LossInputs): Value;
}

export const defineLoss = <const Type extends string, Schema extends z.ZodType>(
  loss: PartDefinition<Type, Schema, Loss>,
): PartDefinition<Type, Schema, Loss> => loss;
