/**
 * ConvNeXt (Liu, Mao, Wu, Feichtenhofer, Darrell, Xie, "A ConvNet for the 2020s", CVPR 2022, arXiv 2201.03545) and
 * ConvNeXt V2 (Woo et al., CVPR 2023, arXiv 2301.00808), with the parameter names of timm's `convnext_*` and `convnextv2_*`.
 */
import { z } from 'zod';
import { blockCount, channelCount } from '../core/bounded_numbers.js';
import { stride } from '../core/brands.js';
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import { outIndicesSchema, pickFeatures } from '../layers/out_indices.js';
import { defineBackbone } from '../registry/define.js';
import type { Feature } from '../registry/feature.js';

interface Arch {
  /** Channels of C2 to C5. */
  readonly widths: readonly number[];
  /** Blocks of the four stages. */
  readonly depths: readonly number[];
  /** 4x4 of stride 4, or two 3x3 of stride 2, of which the first has all channels (`overlap`) or half (`overlap_tiered`). */
  readonly stem: 'patch' | 'overlap' | 'overlap_tiered';
  /** V2's global response normalisation in the MLPs; V1 has a learned factor a channel after them. */
  readonly use_grn: boolean;
  /** Whether the MLPs are linear layers, as the authors have them, or 1x1 convolutions: the same numbers in another shape. */
  readonly linear_pw_conv: boolean;
}

const arch = (widths: readonly number[], depths: readonly number[], options: Partial<Arch> = {}): Arch => ({
  ...{ widths, depths, stem: 'patch', use_grn: false, linear_pw_conv: true },
  ...options,
});
const [ATTO, FEMTO, PICO, NANO] = [
  [40, 80, 160, 320],
  [48, 96, 192, 384],
  [64, 128, 256, 512],
  [80, 160, 320, 640],
];
const [TINY, BASE, LARGE] = [
  [96, 192, 384, 768],
  [128, 256, 512, 1024],
  [192, 384, 768, 1536],
];
const convolutions = { linear_pw_conv: false } as const;
const second = { use_grn: true } as const;

/** By timm's names without `convnext_`; `v2_` is `convnextv2_`. */
export const CONVNEXT_ARCHS = {
  atto: arch(ATTO, [2, 2, 6, 2], convolutions),
  atto_ols: arch(ATTO, [2, 2, 6, 2], { ...convolutions, stem: 'overlap_tiered' }),
  femto: arch(FEMTO, [2, 2, 6, 2], convolutions),
  femto_ols: arch(FEMTO, [2, 2, 6, 2], { ...convolutions, stem: 'overlap_tiered' }),
  pico: arch(PICO, [2, 2, 6, 2], convolutions),
  pico_ols: arch(PICO, [2, 2, 6, 2], { ...convolutions, stem: 'overlap_tiered' }),
  nano: arch(NANO, [2, 2, 8, 2], convolutions),
  nano_ols: arch(NANO, [2, 2, 8, 2], { ...convolutions, stem: 'overlap' }),
  tiny_hnf: arch(TINY, [3, 3, 9, 3], convolutions),
  tiny: arch(TINY, [3, 3, 9, 3]),
  small: arch(TINY, [3, 3, 27, 3]),
  base: arch(BASE, [3, 3, 27, 3]),
  large: arch(LARGE, [3, 3, 27, 3]),
  xlarge: arch([256, 512, 1024, 2048], [3, 3, 27, 3]),
  v2_atto: arch(ATTO, [2, 2, 6, 2], { ...convolutions, ...second }),
  v2_femto: arch(FEMTO, [2, 2, 6, 2], { ...convolutions, ...second }),
  v2_pico: arch(PICO, [2, 2, 6, 2], { ...convolutions, ...second }),
  v2_nano: arch(NANO, [2, 2, 8, 2], { ...convolutions, ...second }),
  v2_tiny: arch(TINY, [3, 3, 9, 3], second),
  v2_small: arch(TINY, [3, 3, 27, 3], second),
  v2_base: arch(BASE, [3, 3, 27, 3], second),
  v2_large: arch(LARGE, [3, 3, 27, 3], second),
  v2_huge: arch([352, 704, 1408, 2816], [3, 3, 27, 3], second),
} as const satisfies Readonly<Record<string, Arch>>;

export type ConvNeXtArch = keyof typeof CONVNEXT_ARCHS;
const archNames = Object.keys(CONVNEXT_ARCHS).filter((name): name is ConvNeXtArch => name in CONVNEXT_ARCHS);

const common = {
  out_indices: outIndicesSchema,
  gap_before_final_norm: z
    .boolean()
    .default(true)
    .describe('false: a norm `norm0` to `norm3` on each feature that goes out, as in detectors of mmdet'),
  layer_scale_init_value: z.number().min(0).optional().describe('of training, in mmpretrain; 0 is without the factors'),
};
const four = (value: z.ZodType<number, number>) => z.array(value).length(4).readonly();

const union = z.discriminatedUnion('arch', [
  z.strictObject({ arch: z.enum(archNames), ...common }),
  z.strictObject({
    arch: z.literal('custom'),
    widths: four(channelCount).describe('channels of C2 to C5'),
    depths: four(blockCount).describe('blocks of the four stages'),
    stem: z.enum(['patch', 'overlap', 'overlap_tiered']).default('patch'),
    use_grn: z.boolean().default(false).describe('ConvNeXt V2'),
    linear_pw_conv: z.boolean().default(true).describe('false where the checkpoint has 1x1 convolutions in the MLPs'),
    ...common,
  }),
]);

/** V1 has the factors, V2 has none. */
const schema = union.refine(
  (config) => {
    const { layer_scale_init_value: start } = config;
    return (
      start === undefined || start > 0 !== (config.arch === 'custom' ? config : CONVNEXT_ARCHS[config.arch]).use_grn
    );
  },
  { error: 'expected a positive number, or 0 for ConvNeXt V2', path: ['layer_scale_init_value'] },
);

/** Of every norm. */
const EPSILON = 1e-6;
const EXPANSION = 4;
/** What the learned factors start as: a deep network begins as almost nothing but its shortcuts. */
const LAYER_SCALE = 1e-6;

export const convnext = defineBackbone({
  type: 'ConvNeXt',
  schema,
  trainingKeys: ['init_cfg', 'frozen_stages', 'norm_eval', 'drop_path_rate', 'with_cp', 'pretrained'],
  checkpoint: {
    sizes: { arch: archNames },
    // The names of the authors' code (github.com/facebookresearch/ConvNeXt) and of mmpretrain.
    names: [
      { pattern: /^downsample_layers\.0\./, replacement: 'stem.' },
      { pattern: /^downsample_layers\.(\d)\./, replacement: 'stages.$1.downsample.' },
      { pattern: /^stages\.(\d)\.(\d+)\./, replacement: 'stages.$1.blocks.$2.' },
      { pattern: /\.(?:dwconv|depthwise_conv)\./, replacement: '.conv_dw.' },
      { pattern: /\.(?:pwconv|pointwise_conv)(\d)\./, replacement: '.mlp.fc$1.' },
      { pattern: /\.grn\.gamma$/, replacement: '.mlp.grn.weight' },
      { pattern: /\.grn\.beta$/, replacement: '.mlp.grn.bias' },
    ],
    initCfg: () => [{ type: 'TruncNormal', layer: ['Conv2d', 'Linear'], std: 0.02 }],
    initial: (name) => (name.endsWith('.gamma') ? LAYER_SCALE : name.endsWith('.grn.weight') ? 0 : undefined),
    // A classifier of mmpretrain's keeps the norm after its pooling as `norm3`; without a classifier it is a feature's.
    form(names) {
      if (names.some((name) => name.startsWith('head.'))) return undefined;
      return names.some((name) => /^(?:backbone\.)?norm[0-3]\.weight$/.test(name))
        ? { gap_before_final_norm: false }
        : undefined;
    },
  },

  /** [N, 3, H, W] -> C2 to C5 [N, C_i, H/s_i, W/s_i], rounded down, at strides 4, 8, 16, 32 (those that `out_indices` names). */
  build(g, input, config) {
    const layout = config.arch === 'custom' ? config : CONVNEXT_ARCHS[config.arch];
    const features = stages(g, input, layout).map((feature, index) => {
      if (config.gap_before_final_norm || !config.out_indices.includes(index)) return feature;
      return { ...feature, value: g.scope(`norm${index}`).layerNorm(feature.value, EPSILON) };
    });
    return pickFeatures('ConvNeXt', features, config.out_indices);
  },
});

function stages(g: GraphBuilder, input: Value, layout: Arch): readonly Feature[] {
  let x = stem(g.scope('stem'), input, layout.widths[0] ?? 0, layout.stem);
  return layout.widths.map((width, index) => {
    const stage = g.scope(`stages.${index}`);
    if (index > 0) x = downsample(stage.scope('downsample'), x, width);
    for (let i = 0; i < (layout.depths[index] ?? 0); i++) x = block(stage.scope(`blocks.${i}`), x, layout);
    return { value: x, stride: stride(4 * 2 ** index) };
  });
}

/** [N, 3, H, W] -> [N, width, H/4, W/4], normalised; without an activation. */
function stem(g: GraphBuilder, input: Value, width: number, form: Arch['stem']): Value {
  if (form === 'patch') {
    return g.scope('1').layerNorm(g.scope('0').conv(input, { out: width, kernel: 4, stride: 4, pad: 0 }), EPSILON);
  }
  const middle = form === 'overlap' ? width : tiered(width);
  const halved = g.scope('0').conv(input, { out: middle, kernel: 3, stride: 2 });
  return g.scope('2').layerNorm(g.scope('1').conv(halved, { out: width, kernel: 3, stride: 2 }), EPSILON);
}

/** Half the channels, in eights (timm's `make_divisible`): rounded, but by no more than a tenth down. */
function tiered(width: number): number {
  const half = Math.floor(width / 2);
  const rounded = Math.max(8, Math.floor((half + 4) / 8) * 8);
  return rounded < 0.9 * half ? rounded + 8 : rounded;
}

/** A norm, and a 2x2 convolution of stride 2: an odd last row or column is left out. */
function downsample(g: GraphBuilder, x: Value, out: number): Value {
  return g.scope('1').conv(g.scope('0').layerNorm(x, EPSILON), { out, kernel: 2, stride: 2, pad: 0 });
}

/** Depthwise 7x7, norm, MLP at every pixel; residual. [N, C, H, W] in and out. */
function block(g: GraphBuilder, x: Value, layout: Arch): Value {
  // The block's own parameter stands before those of its modules.
  g.reserve('gamma');
  const filtered = g.scope('conv_dw').conv(x, { out: x.channels, kernel: 7, groups: x.channels });
  const mixed = multilayerPerceptron(g.scope('mlp'), g.scope('norm').layerNorm(filtered, EPSILON), layout);
  return g.add(layout.use_grn ? mixed : g.emit('channelScale', [mixed], { flat: true }), x);
}

function multilayerPerceptron(g: GraphBuilder, x: Value, { use_grn, linear_pw_conv }: Arch): Value {
  const layer = (name: string, value: Value, out: number) =>
    linear_pw_conv ? g.scope(name).linear(value, { out }) : g.scope(name).conv(value, { out, kernel: 1 });
  const hidden = g.emit('gelu', [layer('fc1', x, EXPANSION * x.channels)], { approximate: 'none' });
  const normal = use_grn ? g.scope('grn').emit('globalResponseNorm', [hidden], { epsilon: EPSILON }) : hidden;
  return layer('fc2', normal, x.channels);
}
