import type { z } from 'zod';
import type { ModuleConfig } from '../registry/config_types.js';
import type { ClassificationHead, DetectionHead, SegmentationHead } from '../registry/define.js';
import type { TaskKind } from '../registry/define_task.js';
import { type ModuleTable, moduleTable } from '../registry/table.js';
import { atssHead } from './atss_head.js';
import { convnextClsHead } from './convnext_cls_head.js';
import { efficientvitClsHead } from './efficientvit_cls_head.js';
import { fastvitClsHead } from './fastvit_cls_head.js';
import { fatClsHead } from './fat_cls_head.js';
import { fcosHead } from './fcos_head.js';
import { fpnHead } from './fpn_head.js';
import { freeAnchorRetinaHead } from './free_anchor_retina_head.js';
import { linearClsHead } from './linear_cls_head.js';
import { lowformerClsHead } from './lowformer_cls_head.js';
import { pisaRetinaHead } from './pisa_retina_head.js';
import { retinaHead } from './retina_head.js';
import { torchvisionRetinaHead } from './torchvision_retina_head.js';

/** One line each; no import for its side effect. */
const own = {
  RetinaHead: retinaHead,
  FreeAnchorRetinaHead: freeAnchorRetinaHead,
  PISARetinaHead: pisaRetinaHead,
  TorchvisionRetinaHead: torchvisionRetinaHead,
  ATSSHead: atssHead,
  FCOSHead: fcosHead,
  FPNHead: fpnHead,
  LowFormerClsHead: lowformerClsHead,
  FATClsHead: fatClsHead,
  EfficientViTClsHead: efficientvitClsHead,
  FastViTClsHead: fastvitClsHead,
  LinearClsHead: linearClsHead,
  ConvNeXtClsHead: convnextClsHead,
} as const;
type OwnHeads = typeof own;

/**
 * Every head that a config may name, for the types of configs. A third party's head joins by declaration merging:
 * `declare module 'lowformer' { interface RegisteredHeads { readonly MyHead: typeof myHead } }`.
 */
export interface RegisteredHeads extends OwnHeads {}

export type HeadConfig = ModuleConfig<RegisteredHeads>;

/** Heads of one task: another's has no place in a model's config. */
type HeadsFor<Task extends TaskKind> = {
  readonly [Type in keyof RegisteredHeads as RegisteredHeads[Type] extends { readonly task: Task }
    ? Type
    : never]: RegisteredHeads[Type];
};

export type DetectionHeadConfig = ModuleConfig<HeadsFor<'detection'>>;
export type SegmentationHeadConfig = ModuleConfig<HeadsFor<'segmentation'>>;
export type ClassificationHeadConfig = ModuleConfig<HeadsFor<'classification'>>;

/** A head of any task, its config not yet checked. */
export type AnyHead =
  | DetectionHead<string, z.ZodType, z.ZodType>
  | SegmentationHead<string, z.ZodType, z.ZodType>
  | ClassificationHead<string, z.ZodType, z.ZodType>;

export const HEADS: ModuleTable<AnyHead> = moduleTable<AnyHead>('head', own);
