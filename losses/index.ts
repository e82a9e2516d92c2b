/** The losses that a head's `loss_cls`, `loss_bbox`, `loss_centerness` or `loss_decode` may name. */
import { LowformerError } from '../core/errors.js';
import { addTrainingOperations } from '../graph/gradients/training_operations.js';
import type { ModuleConfig } from '../registry/config_types.js';
import { type CheckedPart, createPart, type PartTable, partSchema } from '../registry/part_schema.js';
import { moduleTable } from '../registry/table.js';
import { crossEntropyLoss } from './cross_entropy_loss.js';
import { diceLoss } from './dice_loss.js';
import { focalLoss } from './focal_loss.js';
import { balancedL1Loss, l1Loss, smoothL1Loss } from './l1_losses.js';
import type { Loss, LossUse } from './loss.js';
import { giouLoss, iouLoss } from './overlap_losses.js';
import { qualityFocalLoss } from './quality_focal_loss.js';

/** One line each; no import for its side effect. */
const own = {
  FocalLoss: focalLoss,
  QualityFocalLoss: qualityFocalLoss,
  CrossEntropyLoss: crossEntropyLoss,
  DiceLoss: diceLoss,
  L1Loss: l1Loss,
  SmoothL1Loss: smoothL1Loss,
  BalancedL1Loss: balancedL1Loss,
  IoULoss: iouLoss,
  GIoULoss: giouLoss,
} as const;
type OwnLosses = typeof own;

/**
 * Every loss that a config may name, for the types of configs. A third party's joins by declaration merging:
 * `declare module 'lowformer' { interface RegisteredLosses { readonly MyLoss: typeof myLoss } }`.
 */
export interface RegisteredLosses extends OwnLosses {}

export type LossConfig = ModuleConfig<RegisteredLosses>;

export const LOSSES: PartTable<Loss> = moduleTable('loss', own);

/** Of a head's `loss_cls` and its like. */
export const lossSchema = partSchema<LossConfig>(LOSSES);

/**
 * The loss that a checked config describes.
 * @param where it stands, for messages: `RetinaHead.loss_cls`.
 * @throws {LowformerError} `invalid-config` where mmseg's loss of that name is another than mmdet's.
 */
export function createLoss(config: CheckedPart, use: LossUse, where: string): Loss {
  addTrainingOperations();
  const loss = createPart(LOSSES, config);
  if (loss.uses.includes(use)) return loss;
  const expected = `a loss of ${use}`;
  throw new LowformerError({ code: 'invalid-config', where, expected, received: loss.type });
}
