/**
 * mmsegmentation's published Semantic FPNs: facts of its metafiles (version 1.2.2). Names are those of the config files; that
 * of PoolFormer-S36 is the metafile's, as the file it names is not there.
 */
import { openmmlabModels } from './openmmlab.js';

/** Parameters of Semantic FPN with 256 channels and ADE20K's 150 classes, by backbone. */
const PARAMETERS = {
  'PoolFormer-S12': 15_669_846,
  'PoolFormer-S24': 25_143_638,
  'PoolFormer-M36': 59_778_006,
  'PoolFormer-M48': 77_078_934,
  'ResNetV1c-50': 28_514_806,
  'ResNetV1c-101': 47_506_934,
  'Twins-PCPVT-S': 27_858_838,
  'Twins-PCPVT-B': 47_581_078,
  'Twins-PCPVT-L': 64_742_294,
  'Twins-SVT-S': 27_798_934,
  'Twins-SVT-B': 59_676_438,
  'Twins-SVT-L': 102_744_214,
  'PoolFormer-S36': 34_617_430,
} as const;

const published = openmmlabModels({
  source: 'mmsegmentation',
  task: 'segmentation',
  metric: 'mIoU',
  folder: 'mmsegmentation/v0.5',
  parameters: PARAMETERS,
});

export const mmsegmentationModels = [
  ...published('Semantic FPN', 'Cityscapes', 'sem_fpn', [
    [
      'fpn_r50_4xb2-80k_cityscapes-512x1024',
      'ResNetV1c-50',
      74.52,
      'fpn_r50_512x1024_80k_cityscapes_20200717_021437-94018a0d',
      28_497_907,
    ],
    [
      'fpn_r101_4xb2-80k_cityscapes-512x1024',
      'ResNetV1c-101',
      75.8,
      'fpn_r101_512x1024_80k_cityscapes_20200717_012416-c5800d4c',
      47_490_035,
    ],
  ]),
  ...published('Semantic FPN', 'ADE20K', 'sem_fpn', [
    ['fpn_r50_4xb4-160k_ade20k-512x512', 'ResNetV1c-50', 37.49, 'fpn_r50_512x512_160k_ade20k_20200718_131734-5b5a6ab9'],
    [
      'fpn_r101_4xb4-160k_ade20k-512x512',
      'ResNetV1c-101',
      39.35,
      'fpn_r101_512x512_160k_ade20k_20200718_131734-306b5004',
    ],
  ]),
  ...published('Semantic FPN', 'ADE20K', 'poolformer', [
    [
      'fpn_poolformer_s12_8xb4-40k_ade20k-512x512',
      'PoolFormer-S12',
      36.68,
      'fpn_poolformer_s12_8x4_512x512_40k_ade20k_20220501_115154-b5aa2f49',
    ],
    [
      'fpn_poolformer_s24_8xb4-40k_ade20k-512x512',
      'PoolFormer-S24',
      40.12,
      'fpn_poolformer_s24_8x4_512x512_40k_ade20k_20220503_222049-394a7cf7',
    ],
    [
      'fpn_poolformer_m36_8xb4-40k_ade20k-512x512',
      'PoolFormer-M36',
      41.95,
      'fpn_poolformer_m36_8x4_512x512_40k_ade20k_20220501_164230-3dc83921',
    ],
    [
      'fpn_poolformer_m48_8xb4-40k_ade20k-512x512',
      'PoolFormer-M48',
      42.43,
      'fpn_poolformer_m48_8x4_512x512_40k_ade20k_20220504_003923-64168d3b',
    ],
    [
      'fpn_poolformer_s36_8xb4-40k_ade20k-512x512',
      'PoolFormer-S36',
      41.61,
      'fpn_poolformer_s36_8x4_512x512_40k_ade20k_20220501_151122-b47e607d',
    ],
  ]),
  ...published('Semantic FPN', 'ADE20K', 'twins', [
    [
      'twins_pcpvt-s_fpn_fpnhead_8xb4-80k_ade20k-512x512',
      'Twins-PCPVT-S',
      43.26,
      'twins_pcpvt-s_fpn_fpnhead_8x4_512x512_80k_ade20k_20211201_204132-41acd132',
    ],
    [
      'twins_pcpvt-b_fpn_fpnhead_8xb4-80k_ade20k-512x512',
      'Twins-PCPVT-B',
      45.66,
      'twins_pcpvt-b_fpn_fpnhead_8x4_512x512_80k_ade20k_20211130_141019-d396db72',
    ],
    [
      'twins_pcpvt-l_fpn_fpnhead_8xb4-80k_ade20k-512x512',
      'Twins-PCPVT-L',
      45.94,
      'twins_pcpvt-l_fpn_fpnhead_8x4_512x512_80k_ade20k_20211201_105226-bc6d61dc',
    ],
    [
      'twins_svt-s_fpn_fpnhead_8xb4-80k_ade20k-512x512',
      'Twins-SVT-S',
      44.47,
      'twins_svt-s_fpn_fpnhead_8x4_512x512_80k_ade20k_20211130_141006-0a0d3317',
    ],
    [
      'twins_svt-b_fpn_fpnhead_8xb4-80k_ade20k-512x512',
      'Twins-SVT-B',
      46.77,
      'twins_svt-b_fpn_fpnhead_8x4_512x512_80k_ade20k_20211201_113849-88b2907c',
    ],
    [
      'twins_svt-l_fpn_fpnhead_8xb4-80k_ade20k-512x512',
      'Twins-SVT-L',
      46.55,
      'twins_svt-l_fpn_fpnhead_8x4_512x512_80k_ade20k_20211130_141005-1d59bee2',
    ],
  ]),
] as const;
