import type { z } from 'zod';
import type { ModuleConfig } from '../registry/config_types.js';
import type { BackboneDefinition } from '../registry/define.js';
import { type ModuleTable, moduleTable } from '../registry/table.js';
import { convnext } from './convnext.js';
import { cpubone } from './cpubone.js';
import { efficientvit } from './efficientvit.js';
import { fastvit } from './fastvit.js';
import { fat } from './fat.js';
import { lowformer } from './lowformer.js';
import { mobileone } from './mobileone.js';
import { poolformer } from './poolformer.js';
import { pvt } from './pvt.js';
import { pvtV2 } from './pvt_v2.js';
import { regnet } from './regnet.js';
import { resnet } from './resnet.js';
import { resnetV1c } from './resnet_v1c.js';
import { resnetV1d } from './resnet_v1d.js';
import { resnext } from './resnext.js';
import { swin } from './swin.js';
import { timmBackbone } from './timm_backbone.js';
import { pcpvt, svt } from './twins.js';

/** One line each; no import for its side effect. */
const own = {
  LowFormer: lowformer,
  CPUBone: cpubone,
  FAT: fat,
  EfficientViT: efficientvit,
  MobileOne: mobileone,
  FastViT: fastvit,
  ResNet: resnet,
  ResNetV1c: resnetV1c,
  ResNetV1d: resnetV1d,
  ResNeXt: resnext,
  RegNet: regnet,
  ConvNeXt: convnext,
  PyramidVisionTransformer: pvt,
  SwinTransformer: swin,
  PCPVT: pcpvt,
  SVT: svt,
  TIMMBackbone: timmBackbone,
  PyramidVisionTransformerV2: pvtV2,
  PoolFormer: poolformer,
} as const;
type OwnBackbones = typeof own;

/**
 * Every backbone that a config may name, for the types of configs. A third party's backbone joins by declaration
 * merging: `declare module 'lowformer' { interface RegisteredBackbones { readonly MyNet: typeof myNet } }`.
 */
export interface RegisteredBackbones extends OwnBackbones {}

export type BackboneConfig = ModuleConfig<RegisteredBackbones>;

export const BACKBONES: ModuleTable<BackboneDefinition<string, z.ZodType>> = moduleTable('backbone', own);
