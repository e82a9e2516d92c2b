/**
 * Semantic FPN on LowFormer, ADE20K, 40,000 steps of 512x512 crops, as in the LowFormer paper's segmentation table
 * (arXiv 2409.03460, section 5). Pictures are resized into 2048x512 and not padded.
 *
 * `lowformer segment sem-fpn_lowformer-b1_40k_ade20k-512x512 --checkpoint FILE pictures/ --out labels/`
 */
import { ade20k } from '../data/classes/ade20k.js';
import type { SegmentationConfig } from '../tasks/config.js';
import { IMAGENET_NORMALISATION } from './imagenet_normalisation.js';

const segmentor = (arch: 'b0' | 'b1' | 'b15' | 'b2' | 'b3' | 'E1' | 'E2' | 'E3') =>
  ({
    model: {
      type: 'EncoderDecoder',
      data_preprocessor: { type: 'SegDataPreProcessor', ...IMAGENET_NORMALISATION, pad_val: 0, seg_pad_val: 255 },
      backbone: { type: 'LowFormer', arch },
      neck: { type: 'FPN', out_channels: 256, num_outs: 4 },
      decode_head: {
        type: 'FPNHead',
        in_index: [0, 1, 2, 3],
        feature_strides: [4, 8, 16, 32],
        channels: 128,
        num_classes: 150,
        norm_cfg: { type: 'BN', requires_grad: true },
        align_corners: false,
      },
      test_cfg: { mode: 'whole' },
    },
    test_pipeline: [
      { type: 'LoadImageFromFile' },
      { type: 'Resize', scale: [2048, 512], keep_ratio: true },
      { type: 'PackSegInputs' },
    ],
    metainfo: ade20k,
  }) satisfies SegmentationConfig;

export const semFpnLowformerAde20k = {
  'sem-fpn_lowformer-b0_40k_ade20k-512x512': segmentor('b0'),
  'sem-fpn_lowformer-b1_40k_ade20k-512x512': segmentor('b1'),
  'sem-fpn_lowformer-b15_40k_ade20k-512x512': segmentor('b15'),
  'sem-fpn_lowformer-b2_40k_ade20k-512x512': segmentor('b2'),
  'sem-fpn_lowformer-b3_40k_ade20k-512x512': segmentor('b3'),
  'sem-fpn_lowformer-e1_40k_ade20k-512x512': segmentor('E1'),
  'sem-fpn_lowformer-e2_40k_ade20k-512x512': segmentor('E2'),
  'sem-fpn_lowformer-e3_40k_ade20k-512x512': segmentor('E3'),
} as const;
