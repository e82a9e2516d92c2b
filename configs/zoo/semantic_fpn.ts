/**
 * mmsegmentation's published Semantic FPNs as configs, under the names of its own:
 * `lowformer segment fpn_r50_4xb4-160k_ade20k-512x512 pictures/`
 */
import { recordOf } from '../../core/record_of.js';
import { ade20k } from '../../data/classes/ade20k.js';
import { cityscapes } from '../../data/classes/cityscapes.js';
import type { StepConfig } from '../../steps/index.js';
import type { SegmentationConfig } from '../../tasks/config.js';
import { type SemanticFpnForm, semFpn } from '../sem_fpn.js';
import { ZOO_BACKBONES } from './backbones.js';
import { mmsegmentationModels } from './mmsegmentation.js';

type Model = (typeof mmsegmentationModels)[number];

const DATASETS: Readonly<Record<Model['dataset'], Partial<SemanticFpnForm>>> = {
  ADE20K: { metainfo: ade20k },
  Cityscapes: { metainfo: cityscapes, resize: [{ type: 'Resize', scale: [2048, 1024], keep_ratio: true }] },
};

/** PoolFormer's: both sides a multiple of the coarsest map's stride. */
const MULTIPLES: readonly StepConfig[] = [
  { type: 'Resize', scale: [2048, 512], keep_ratio: true },
  { type: 'ResizeToMultiple', size_divisor: 32 },
];

const config = ({ backbone, dataset }: Model): SegmentationConfig =>
  semFpn({
    backbone: ZOO_BACKBONES[backbone],
    ...DATASETS[dataset],
    ...(backbone.startsWith('PoolFormer') ? { resize: MULTIPLES } : {}),
  });

export const mmsegmentationConfigs = recordOf(mmsegmentationModels.map((model) => [model.name, config(model)]));
