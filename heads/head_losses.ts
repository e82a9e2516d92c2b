/** What heads are trained by: beside their table, so that a program that only predicts carries none of it. */
import { z } from 'zod';
import { BOX_CODERS } from '../decoding/box_coders.js';
import { PRIOR_GENERATORS } from '../decoding/prior_generators.js';
import { defineLosses, type LossesDefinition } from '../registry/define_losses.js';
import { createPart } from '../registry/part_schema.js';
import { type ModuleTable, moduleTable } from '../registry/table.js';
import { denseTrainSchema } from '../targets/dense_train_cfg.js';
import { anchorLosses, anchorLossKeys } from './anchor_losses.js';
import type { AtssHeadConfig } from './atss_head.js';
import { atssLosses, atssLossKeys } from './atss_losses.js';
import type { FcosHeadConfig } from './fcos_head.js';
import { fcosLosses, fcosLossKeys } from './fcos_losses.js';
import { type FpnHeadConfig, fpnHead } from './fpn_head.js';
import type { RetinaHeadConfig } from './retina_head.js';
import { segmentationLosses, segmentationLossKeys } from './segmentation_losses.js';

export const retinaHeadLosses = defineLosses({
  type: 'RetinaHead',
  task: 'detection',
  schema: anchorLossKeys,
  trainSchema: denseTrainSchema.prefault({}),
  create: (config: RetinaHeadConfig, keys, train) =>
    anchorLosses(
      {
        head: 'RetinaHead',
        classes: config.num_classes,
        priors: createPart(PRIOR_GENERATORS, config.anchor_generator),
        coder: createPart(BOX_CODERS, config.bbox_coder),
        decoded: config.reg_decoded_bbox ?? false,
        train,
      },
      keys,
    ),
});

export const atssHeadLosses = defineLosses({
  type: 'ATSSHead',
  task: 'detection',
  schema: atssLossKeys,
  trainSchema: denseTrainSchema.prefault({ assigner: { type: 'ATSSAssigner', topk: 9 } }),
  create: (config: AtssHeadConfig, keys, train) =>
    atssLosses(
      {
        head: 'ATSSHead',
        classes: config.num_classes,
        priors: createPart(PRIOR_GENERATORS, config.anchor_generator),
        coder: createPart(BOX_CODERS, config.bbox_coder),
        decoded: true,
        train,
      },
      keys,
    ),
});

export const fcosHeadLosses = defineLosses({
  type: 'FCOSHead',
  task: 'detection',
  schema: fcosLossKeys,
  // mmdet's head reads nothing of it.
  trainSchema: z.unknown(),
  create: ({ num_classes: classes, strides, norm_on_bbox: normalised }: FcosHeadConfig, keys) =>
    fcosLosses({ classes, strides, normalised }, keys),
});

export const fpnHeadLosses = defineLosses({
  type: 'FPNHead',
  task: 'segmentation',
  schema: segmentationLossKeys,
  trainSchema: z.unknown(),
  create: (config: FpnHeadConfig, keys) =>
    segmentationLosses(
      {
        head: 'FPNHead',
        output: 'logits',
        alignCorners: config.align_corners,
        classes: fpnHead.numClasses(config),
      },
      keys,
    ),
});

/** A head's losses, its config not yet checked. */
export type AnyHeadLosses =
  | LossesDefinition<string, 'detection', unknown>
  | LossesDefinition<string, 'segmentation', unknown>;

/** By the head's `type`; a head that is not here is not trained. A third party registers those of its own heads. */
export const HEAD_LOSSES: ModuleTable<AnyHeadLosses> = moduleTable<AnyHeadLosses>('trained head', {
  RetinaHead: retinaHeadLosses,
  ATSSHead: atssHeadLosses,
  FCOSHead: fcosHeadLosses,
  FPNHead: fpnHeadLosses,
});
