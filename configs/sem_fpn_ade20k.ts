import type { BackboneConfig } from '../backbones/index.js';
import { ade20k } from '../data/classes/ade20k.js';
import type { SegmentationConfig } from '../tasks/config.js';
import { IMAGENET_NORMALISATION } from './imagenet_normalisation.js';

/** Semantic FPN, ADE20K, 40,000 steps of 512x512 crops: pictures resized into 2048x512, not padded. */
export const semFpnAde20k = (backbone: BackboneConfig): SegmentationConfig => ({
  model: {
    type: 'EncoderDecoder',
    data_preprocessor: { type: 'SegDataPreProcessor', ...IMAGENET_NORMALISATION, pad_val: 0, seg_pad_val: 255 },
    backbone,
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
});
