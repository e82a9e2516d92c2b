/** Configs of every registered module, for tests that loop over the tables. */
import { HEADS } from '../../heads/index.js';
import { TASKS } from '../../tasks/index.js';

export type Keys = Readonly<Record<string, unknown>>;

/** The smallest config of each module, and others that its schema tells apart; a new module needs a line here. */
export const BACKBONE_CONFIGS: Readonly<Record<string, readonly Keys[]>> = {
  LowFormer: [
    { arch: 'b0' },
    { arch: 'custom', widths: [4, 8, 8, 16, 16], depths: [0, 1, 1, 1, 1], flags: {}, out_indices: [0, 1, 2, 3] },
  ],
  CPUBone: [
    { arch: 'nano' },
    { arch: 'custom', widths: [4, 8, 8, 16, 16], depths: [0, 1, 1, 1, 1], flags: {}, out_indices: [0, 1, 2, 3] },
  ],
  FAT: [{ arch: 'b0' }],
  EfficientViT: [{ arch: 'b0' }],
  MobileOne: [{ arch: 's4' }, { arch: 's0', inference_mode: true }],
  FastViT: [{ arch: 'sa12' }, { arch: 't8', inference_mode: true }],
  ResNet: [
    { depth: 18, base_channels: 8 },
    { depth: 50, base_channels: 8 },
    { depth: 50, base_channels: 8, style: 'caffe', dilations: [1, 1, 2, 4], avg_down: true },
  ],
  ResNetV1c: [{ depth: 18, base_channels: 8, contract_dilation: true }],
  ResNetV1d: [{ depth: 18, base_channels: 8 }],
  ResNeXt: [{ depth: 50, base_channels: 8, groups: 4, base_width: 1 }],
  RegNet: [{ arch: { w0: 8, wa: 8, wm: 2, group_w: 8, depth: 8, bot_mul: 1 } }],
  PoolFormer: [
    {
      arch: { layers: [1, 1, 1, 1], embed_dims: [8, 16, 24, 32], mlp_ratios: [2, 2, 2, 2] },
      out_indices: [0, 2, 4, 6],
    },
  ],
  PyramidVisionTransformer: [
    { embed_dims: 8, num_layers: [1, 1, 1, 1] },
    { embed_dims: 8, num_layers: [1, 1, 1, 1], use_abs_pos_embed: false, norm_after_stage: true, use_conv_ffn: true },
  ],
  PyramidVisionTransformerV2: [{ embed_dims: 8, num_layers: [1, 1, 1, 1] }],
  ConvNeXt: [
    { arch: 'v2_atto' },
    {
      arch: 'custom',
      widths: [8, 8, 16, 16],
      depths: [1, 1, 1, 1],
      stem: 'overlap_tiered',
      use_grn: false,
      linear_pw_conv: false,
      gap_before_final_norm: false,
      out_indices: [0, 1, 2, 3],
    },
  ],
  SwinTransformer: [
    { embed_dims: 8, depths: [2, 1, 2, 1], num_heads: [1, 2, 4, 8] },
    {
      embed_dims: 8,
      window_size: 4,
      depths: [1, 2, 1, 1],
      num_heads: [1, 2, 2, 4],
      qkv_bias: false,
      patch_norm: false,
    },
  ],
  TIMMBackbone: [{ model_name: 'efficientnet_b0', out_indices: [1, 2, 3, 4] }],
  PCPVT: [{ embed_dims: [4, 8, 8, 16], depths: [1, 2, 1, 1], num_heads: [1, 2, 2, 4], qkv_bias: true }],
  SVT: [
    {
      embed_dims: [8, 16, 16, 32],
      depths: [2, 1, 1, 2],
      num_heads: [1, 2, 2, 4],
      mlp_ratios: [2, 2, 2, 2],
      sr_ratios: [8, 4, 2, 1],
      windiow_sizes: [7, 7, 3, 2],
    },
  ],
};
export const NECK_CONFIGS: Readonly<Record<string, readonly Keys[]>> = {
  BFP: [
    { refine_type: 'non_local' },
    { in_channels: 16, num_levels: 4, refine_level: 1, refine_type: 'conv', norm_cfg: { type: 'BN' } },
  ],
  FPN: [
    { out_channels: 16, num_outs: 4 },
    { out_channels: 16, num_outs: 4, add_extra_convs: 'on_output' },
  ],
};
/** What stands before a neck that takes no backbone's features as they are. */
const NECKS_BEFORE: Readonly<Record<string, Keys>> = { BFP: { type: 'FPN', out_channels: 16, num_outs: 4 } };

/** A model's `neck` with this one, where it stands in the model, and what it is under. */
export function withNeck(neck: Keys): { readonly neck: unknown; readonly key: string } {
  const before = NECKS_BEFORE[String(neck.type)];
  return before === undefined ? { neck, key: 'neck' } : { neck: [before, neck], key: 'neck.1' };
}

const FCOS = { num_classes: 3, stacked_convs: 2, feat_channels: 16, strides: [4, 8, 16, 32] };
const RETINA = {
  num_classes: 3,
  stacked_convs: 2,
  feat_channels: 16,
  anchor_generator: {
    type: 'AnchorGenerator',
    octave_base_scale: 4,
    scales_per_octave: 1,
    ratios: [1],
    strides: [4, 8, 16, 32],
  },
};
export const HEAD_CONFIGS: Readonly<Record<string, readonly Keys[]>> = {
  ATSSHead: [
    {
      num_classes: 3,
      stacked_convs: 2,
      feat_channels: 16,
      norm_cfg: { type: 'GN', num_groups: 4 },
      anchor_generator: {
        type: 'AnchorGenerator',
        octave_base_scale: 8,
        scales_per_octave: 1,
        ratios: [1],
        strides: [4, 8, 16, 32],
      },
      bbox_coder: { type: 'TBLRBBoxCoder' },
    },
  ],
  FCOSHead: [
    { ...FCOS, norm_cfg: { type: 'GN', num_groups: 4 } },
    { ...FCOS, norm_cfg: null, norm_on_bbox: true },
  ],
  RetinaHead: [RETINA],
  FreeAnchorRetinaHead: [{ ...RETINA, feat_channels: 8 }],
  PISARetinaHead: [{ ...RETINA, feat_channels: 8 }],
  TorchvisionRetinaHead: [
    {
      num_classes: 4,
      norm_cfg: { type: 'GN', num_groups: 4 },
      anchor_generator: {
        type: 'TorchvisionAnchorGenerator',
        sizes: [[8], [16], [32], [64]],
        aspect_ratios: [1],
        strides: [4, 8, 16, 32],
      },
    },
  ],
  FPNHead: [{ num_classes: 3, channels: 8 }],
  LowFormerClsHead: [{ num_classes: 3 }],
  EfficientViTClsHead: [{ num_classes: 3 }],
  FastViTClsHead: [{ num_classes: 3 }],
  LinearClsHead: [{ num_classes: 3 }],
  ConvNeXtClsHead: [{ num_classes: 3 }, { num_classes: 3, head_norm_first: true }],
  FATClsHead: [{ num_classes: 3 }],
};

/** The smallest config of each pipeline step, and others that its schema or size tells apart. */
export const STEP_CONFIGS: Readonly<Record<string, readonly Keys[]>> = {
  LoadImageFromFile: [{}],
  LoadAnnotations: [{}],
  Resize: [
    { scale: [40, 24] },
    { scale: [40, 24], keep_ratio: true, clip_object_border: false },
    { scale_factor: 1.5 },
    { scale: 20, backend: 'pillow', interpolation: 'bicubic' },
  ],
  ResizeToMultiple: [{}, { size_divisor: [8, 12] }],
  ResizeShortestEdge: [
    { scale: 20, max_size: 30 },
    { scale: [30, 25], keep_ratio: false, interpolation: 'area' },
  ],
  FixScaleResize: [
    { scale: [41, 24], keep_ratio: true },
    { scale_factor: 0.7, interpolation: 'lanczos' },
  ],
  RandomFlip: [{ prob: 0 }, { prob: 1 }, { prob: [0, 1], direction: ['vertical', 'diagonal'] }],
  ResizeEdge: [{ scale: 20 }, { scale: 20, edge: 'long', backend: 'pillow' }],
  CenterCrop: [{ crop_size: 16 }, { crop_size: [60, 20], auto_pad: true }, { crop_size: [60, 20], auto_pad: false }],
  Pad: [
    { size: [50, 50] },
    { size_divisor: 16, pad_val: { img: 9, seg: 1 } },
    { pad_to_square: true, padding_mode: 'reflect' },
  ],
  Normalize: [{ mean: [127.5], std: [127.5] }],
  GeneralizedRCNNTransform: [{ min_size: 24, max_size: 50 }, { fixed_size: [40, 24] }],
  PackDetInputs: [{}],
  PackSegInputs: [{}],
  PackInputs: [{}],
};

/** Every config of a table, with its type. */
export const parts = (configs: Readonly<Record<string, readonly Keys[]>>) =>
  Object.entries(configs).flatMap(([type, list]) => list.map((config) => ({ type, ...config })));

/** All models that the tables allow: these backbones under every neck and head of every task; a neck behind another under one head. */
export const modelsOf = (backbones: Readonly<Record<string, readonly Keys[]>>) =>
  TASKS.names().flatMap((type) => {
    const { headKey, neck, task } = TASKS.get(type, 'test');
    const necks = [...(neck === 'required' ? [] : [undefined]), ...(neck === 'none' ? [] : parts(NECK_CONFIGS))];
    const heads = parts(HEAD_CONFIGS).filter((head) => HEADS.get(head.type, 'test').task === task);
    return parts(backbones).flatMap((backbone) =>
      necks.flatMap((neckConfig) =>
        heads.slice(0, neckConfig !== undefined && neckConfig.type in NECKS_BEFORE ? 1 : heads.length).map((head) => ({
          title: [type, ...[backbone, neckConfig, head].map((part) => part?.type ?? 'no neck')].join(', '),
          headKey,
          model: {
            type,
            backbone,
            ...(neckConfig === undefined ? {} : { neck: withNeck(neckConfig).neck }),
            [headKey]: head,
          },
        })),
      ),
    );
  });
