import type { BackboneConfig } from '../../backbones/index.js';

/** Twins as its authors built it for ImageNet. */
const PCPVT = {
  type: 'PCPVT',
  embed_dims: [64, 128, 320, 512],
  num_heads: [1, 2, 5, 8],
  mlp_ratios: [8, 8, 4, 4],
  qkv_bias: true,
} as const;
const SVT = {
  type: 'SVT',
  mlp_ratios: [4, 4, 4, 4],
  sr_ratios: [8, 4, 2, 1],
  windiow_sizes: [7, 7, 7, 7],
  qkv_bias: true,
} as const;

/** The backbones of published models, by the names that the table gives them. */
export const ZOO_BACKBONES = {
  'ResNet-18': { type: 'ResNet', depth: 18 },
  'ResNet-50': { type: 'ResNet', depth: 50 },
  'ResNet-101': { type: 'ResNet', depth: 101 },
  'ResNet-50 (caffe)': { type: 'ResNet', depth: 50, style: 'caffe' },
  'ResNet-101 (caffe)': { type: 'ResNet', depth: 101, style: 'caffe' },
  'ResNeXt-101-32x4d': { type: 'ResNeXt', depth: 101, groups: 32, base_width: 4 },
  'ResNeXt-101-64x4d': { type: 'ResNeXt', depth: 101, groups: 64, base_width: 4 },
  'RegNetX-800MF': { type: 'RegNet', arch: 'regnetx_800mf' },
  'RegNetX-1.6GF': { type: 'RegNet', arch: 'regnetx_1.6gf' },
  'RegNetX-3.2GF': { type: 'RegNet', arch: 'regnetx_3.2gf' },
  'ResNetV1c-50': { type: 'ResNetV1c', depth: 50 },
  'ResNetV1c-101': { type: 'ResNetV1c', depth: 101 },
  'PVT-Tiny': { type: 'PyramidVisionTransformer', num_layers: [2, 2, 2, 2] },
  'PVT-Small': { type: 'PyramidVisionTransformer', num_layers: [3, 4, 6, 3] },
  'PVT-Medium': { type: 'PyramidVisionTransformer', num_layers: [3, 4, 18, 3] },
  'PVTv2-B0': { type: 'PyramidVisionTransformerV2', embed_dims: 32, num_layers: [2, 2, 2, 2] },
  'PVTv2-B1': { type: 'PyramidVisionTransformerV2', num_layers: [2, 2, 2, 2] },
  'PVTv2-B2': { type: 'PyramidVisionTransformerV2', num_layers: [3, 4, 6, 3] },
  'PVTv2-B3': { type: 'PyramidVisionTransformerV2', num_layers: [3, 4, 18, 3] },
  'PVTv2-B4': { type: 'PyramidVisionTransformerV2', num_layers: [3, 8, 27, 3] },
  'PVTv2-B5': { type: 'PyramidVisionTransformerV2', num_layers: [3, 6, 40, 3], mlp_ratios: [4, 4, 4, 4] },
  'PoolFormer-S12': { type: 'PoolFormer', arch: 's12', out_indices: [0, 2, 4, 6] },
  'PoolFormer-S24': { type: 'PoolFormer', arch: 's24', out_indices: [0, 2, 4, 6] },
  'PoolFormer-S36': { type: 'PoolFormer', arch: 's36', out_indices: [0, 2, 4, 6] },
  'PoolFormer-M36': { type: 'PoolFormer', arch: 'm36', out_indices: [0, 2, 4, 6] },
  'PoolFormer-M48': { type: 'PoolFormer', arch: 'm48', out_indices: [0, 2, 4, 6] },
  'Twins-PCPVT-S': { ...PCPVT, depths: [3, 4, 6, 3] },
  'Twins-PCPVT-B': { ...PCPVT, depths: [3, 4, 18, 3] },
  'Twins-PCPVT-L': { ...PCPVT, depths: [3, 8, 27, 3] },
  'Twins-SVT-S': { ...SVT, embed_dims: [64, 128, 256, 512], num_heads: [2, 4, 8, 16], depths: [2, 2, 10, 4] },
  'Twins-SVT-B': { ...SVT, embed_dims: [96, 192, 384, 768], num_heads: [3, 6, 12, 24], depths: [2, 2, 18, 2] },
  'Twins-SVT-L': { ...SVT, embed_dims: [128, 256, 512, 1024], num_heads: [4, 8, 16, 32], depths: [2, 2, 18, 2] },
} as const satisfies Readonly<Record<string, BackboneConfig>>;
