/**
 * Feature Pyramid Network (Lin et al., arXiv 1612.03144, section 3), with the forms and parameter names of mmdet 3's FPN.
 */
import { z } from 'zod';
import { channelCount, levelCount, levelIndex } from '../core/bounded_numbers.js';
import { stride } from '../core/brands.js';
import type { NameRule } from '../core/checkpoint_facts.js';
import { LowformerError } from '../core/errors.js';
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import { activationSchema, convModule, convSchema, normSchema } from '../layers/conv_module.js';
import { defineNeck } from '../registry/define.js';
import type { Feature, Pyramid } from '../registry/feature.js';

const schema = z.strictObject({
  in_channels: z.array(channelCount).max(20).readonly().optional().describe('checked against the backbone when given'),
  out_channels: channelCount,
  num_outs: levelCount,
  start_level: levelIndex.default(0),
  end_level: z.int().min(-1).max(20).default(-1).describe('the last level used, counted from 0; -1 for all'),
  add_extra_convs: z.enum(['on_input', 'on_lateral', 'on_output']).or(z.boolean()).default(false),
  relu_before_extra_convs: z.boolean().default(false),
  no_norm_on_lateral: z.boolean().default(false),
  conv_cfg: convSchema.default(null),
  norm_cfg: normSchema.default(null),
  act_cfg: activationSchema.default(null),
  upsample_cfg: z
    .discriminatedUnion('mode', [
      z.strictObject({ mode: z.literal('nearest') }),
      z.strictObject({ mode: z.literal('bilinear'), align_corners: z.boolean().default(false) }),
    ])
    .default({ mode: 'nearest' }),
});
type FpnConfig = z.output<typeof schema>;

/**
 * torchvision's FeaturePyramidNetwork; before 0.13 its convolutions stood alone. Its detectors put P6 and P7 on the three
 * levels from C3.
 */
const torchvisionNames = [
  { pattern: /^inner_blocks\.(\d+)\.(?:0\.)?(?=weight|bias)/, replacement: 'lateral_convs.$1.conv.' },
  { pattern: /^layer_blocks\.(\d+)\.(?:0\.)?(?=weight|bias)/, replacement: 'fpn_convs.$1.conv.' },
  { pattern: /^extra_blocks\.p6\./, replacement: 'fpn_convs.3.conv.' },
  { pattern: /^extra_blocks\.p7\./, replacement: 'fpn_convs.4.conv.' },
] as const satisfies readonly NameRule[];

export const fpn = defineNeck({
  type: 'FPN',
  schema,
  trainingKeys: ['init_cfg'],
  checkpoint: {
    places: ['backbone.fpn.'],
    names: torchvisionNames,
    initCfg: () => [{ type: 'Xavier', layer: 'Conv2d', distribution: 'uniform' }],
  },

  /** C_i [N, C_i, H/s_i, W/s_i] -> num_outs maps [N, out_channels, H/s, W/s], each level of twice the stride before it. */
  build(g, inputs, config) {
    const used = usedLevels(inputs, config);
    const { out_channels: out, num_outs, norm_cfg: norm, act_cfg: activation } = config;
    const lateral = { out, kernel: 1, norm: config.no_norm_on_lateral ? null : norm, activation };
    const laterals = used.map(({ value }, i) => convModule(g.scope(`lateral_convs.${i}`), value, lateral));
    const merged = topDown(g, laterals, config);
    const smooth = { out, kernel: 3, norm, activation };
    const outs = merged.map((value, i) => convModule(g.scope(`fpn_convs.${i}`), value, smooth));

    const extra = extraSource(config, { input: used.at(-1)?.value, lateral: merged.at(-1), output: outs.at(-1) });
    for (let i = outs.length; i < num_outs; i++) {
      const below = outs.at(-1);
      if (below === undefined) break;
      if (extra === undefined) {
        outs.push(g.emit('maxPool', [below], { kernel: 1, stride: 2, pad: 0 }));
        continue;
      }
      const chained = config.relu_before_extra_convs && i > used.length ? g.relu(below) : below;
      const source = i === used.length ? extra : chained;
      outs.push(convModule(g.scope(`fpn_convs.${i}`), source, { ...smooth, stride: 2 }));
    }
    const finest = used[0]?.stride ?? 1;
    return pyramid(outs.map((value, i) => ({ value, stride: stride(finest * 2 ** i) })));
  },
});

/** The levels from start_level to end_level, checked as mmdet asserts them. */
function usedLevels(inputs: Pyramid, { in_channels, start_level, end_level, num_outs }: FpnConfig): readonly Feature[] {
  const channels = inputs.map(({ value }) => value.channels);
  if (in_channels !== undefined && in_channels.join() !== channels.join()) {
    throw mismatch('in_channels', `[${channels.join(', ')}], the channels of the features that come in`, in_channels);
  }
  const last = end_level === -1 ? inputs.length - 1 : end_level;
  if (last >= inputs.length) throw mismatch('end_level', `at most ${inputs.length - 1}`, end_level);
  if (start_level > last) throw mismatch('start_level', `at most ${last}`, start_level);
  const levels = last - start_level + 1;
  if (last === inputs.length - 1) {
    if (num_outs < levels) throw mismatch('num_outs', `at least ${levels}, the levels used`, num_outs);
  } else if (num_outs !== levels) {
    throw mismatch('num_outs', `${levels}, the levels from start_level to end_level`, num_outs);
  }
  return inputs.slice(start_level, last + 1);
}

/** From the coarsest down, each level gets the one above it, enlarged to its own size. */
function topDown(g: GraphBuilder, laterals: readonly Value[], { upsample_cfg }: FpnConfig): readonly Value[] {
  const enlarge = (coarser: Value, like: Value) =>
    upsample_cfg.mode === 'nearest'
      ? g.resizeNearestLike(coarser, like)
      : g.emit('resizeBilinearLike', [coarser, like], { alignCorners: upsample_cfg.align_corners });
  const merged: Value[] = [];
  for (const lateral of laterals.toReversed()) {
    const coarser = merged.at(-1);
    merged.push(coarser === undefined ? lateral : g.add(lateral, enlarge(coarser, lateral)));
  }
  return merged.reverse();
}

/** What the first extra convolution reads; undefined where extra levels are pooled. `true` means on_input, as in mmdet. */
function extraSource(
  { add_extra_convs }: FpnConfig,
  sources: {
    readonly input: Value | undefined;
    readonly lateral: Value | undefined;
    readonly output: Value | undefined;
  },
): Value | undefined {
  switch (add_extra_convs) {
    case false:
      return undefined;
    case true:
    case 'on_input':
      return sources.input;
    case 'on_lateral':
      return sources.lateral;
    case 'on_output':
      return sources.output;
  }
}

function pyramid([finest, ...coarser]: readonly Feature[]): Pyramid {
  if (finest === undefined) throw mismatch('num_outs', 'at least one level', 0);
  return [finest, ...coarser];
}

function mismatch(key: string, expected: string, received: unknown): LowformerError {
  return new LowformerError({ code: 'invalid-config', where: `FPN.${key}`, expected, received });
}
