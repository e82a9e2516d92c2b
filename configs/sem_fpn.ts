import type { BackboneConfig } from '../backbones/index.js';
import { ade20k } from '../data/classes/ade20k.js';
import type { MetaInfo } from '../data/metainfo.js';
import type { StepConfig } from '../steps/index.js';
import type { SegmentationConfig } from '../tasks/config.js';
import { IMAGENET_NORMALISATION } from './imagenet_normalisation.js';

/** What the published Semantic FPNs differ in. */
export interface SemanticFpnForm {
  readonly backbone: BackboneConfig;
  /** ADE20K by default. */
  readonly metainfo?: MetaInfo;
  /** How pictures are resized: into 2048x512 by default. */
  readonly resize?: readonly StepConfig[];
}

/** mmseg's Semantic FPN, pictures not padded. */
export const semFpn = ({
  backbone,
  metainfo = ade20k,
  resize = [{ type: 'Resize', scale: [2048, 512], keep_ratio: true }],
}: SemanticFpnForm): SegmentationConfig => ({
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
      num_classes: metainfo.classes.length,
      norm_cfg: { type: 'BN', requires_grad: true },
      align_corners: false,
    },
    test_cfg: { mode: 'whole' },
  },
  test_pipeline: [{ type: 'LoadImageFromFile' }, ...resize, { type: 'PackSegInputs' }],
  metainfo,
});
