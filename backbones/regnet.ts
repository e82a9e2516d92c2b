/**
 * RegNetX (Radosavovic, Kosaraju, Girshick, He, Dollár, "Designing Network Design Spaces", CVPR 2020, arXiv 2003.13678),
 * as mmdet 3 builds it: bottlenecks that do not widen, of widths that a line gives, rounded to steps.
 */
import { z } from 'zod';
import { channelCount } from '../core/bounded_numbers.js';
import { LowformerError } from '../core/errors.js';
import { roundHalfEven } from '../core/round_half_even.js';
import { defineBackbone } from '../registry/define.js';
import { bottleneckBlock, convNorm } from './resnet_blocks.js';
import { only, residualStart, resnetTrainingKeys, stageKeys, variantKeys } from './resnet_keys.js';
import { groupedWidth, residualStages, type Stage } from './resnet_stages.js';

const archSchema = z.strictObject({
  w0: z.int().positive().max(4096).multipleOf(8).describe('width of the first block'),
  wa: z.number().min(0).max(4096).describe('what each block adds'),
  wm: z.number().gt(1).max(64).describe('ratio of one step of widths to the one before'),
  group_w: channelCount.describe('channels of a group'),
  depth: z.int().min(1).max(1000).describe('blocks of all stages'),
  bot_mul: z.number().positive().max(16).describe('width of the 3x3 as a share of the block’s'),
});
type Arch = z.output<typeof archSchema>;

const arch = (w0: number, wa: number, wm: number, group_w: number, depth: number): Arch => ({
  ...{ w0, wa, wm, group_w, depth, bot_mul: 1 },
});

/** Named by their multiply-accumulates at 224x224 (appendix D, as mmdet rounds the numbers). */
export const REGNET_ARCHS = {
  regnetx_400mf: arch(24, 24.48, 2.54, 16, 22),
  regnetx_800mf: arch(56, 35.73, 2.28, 16, 16),
  'regnetx_1.6gf': arch(80, 34.01, 2.25, 24, 18),
  'regnetx_3.2gf': arch(88, 26.31, 2.25, 48, 25),
  'regnetx_4.0gf': arch(96, 38.65, 2.43, 40, 23),
  'regnetx_6.4gf': arch(184, 60.83, 2.07, 56, 17),
  'regnetx_8.0gf': arch(80, 49.56, 2.88, 120, 23),
  regnetx_12gf: arch(168, 73.36, 2.37, 112, 19),
} as const satisfies Readonly<Record<string, Arch>>;

export type RegNetArch = keyof typeof REGNET_ARCHS;
const archNames = Object.keys(REGNET_ARCHS).filter((name): name is RegNetArch => name in REGNET_ARCHS);

const schema = z.strictObject({
  arch: z.union([z.enum(archNames), archSchema]),
  stem_channels: channelCount.default(32),
  ...stageKeys,
  deep_stem: only(false).default(false),
  avg_down: variantKeys.avg_down,
});

export const regnet = defineBackbone({
  type: 'RegNet',
  schema,
  // Accepted by mmdet too, and without effect there: the first block's width is the arch's.
  trainingKeys: [...resnetTrainingKeys, 'base_channels'],
  checkpoint: {
    sizes: { arch: archNames },
    initCfg: ({ zero_init_residual }) => residualStart('bn3', zero_init_residual),
  },

  /** [N, 3, H, W] -> C2 to C5 [N, C_i, ceil(H/s_i), ceil(W/s_i)] at strides 4, 8, 16, 32 (those that `out_indices` names). */
  build(g, input, config) {
    const layout = stagesOf(typeof config.arch === 'string' ? REGNET_ARCHS[config.arch] : config.arch);
    const { stem_channels: out, norm_cfg } = config;
    const x = g.relu(convNorm(g, input, ['conv1', 'bn1'], { out, kernel: 3, stride: 2 }, norm_cfg.eps));
    const plan = { type: 'RegNet', stride: 2, block: bottleneckBlock, layout, strides: [2, 2, 2, 2] };
    return residualStages(g, x, plan, config);
  },
});

/** Stages of blocks of equal width (section 3.3, and appendix A for widths that the groups do not divide). */
function stagesOf({ w0, wa, wm, group_w, depth, bot_mul }: Arch): readonly Stage[] {
  const widths = Array.from({ length: depth }, (_, i) => {
    const step = roundHalfEven(Math.log((w0 + wa * i) / w0) / Math.log(wm));
    return roundHalfEven((w0 * wm ** step) / 8) * 8;
  });
  const distinct = [...new Set(widths)];
  if (distinct.length > 4) {
    const expected = 'widths in at most 4 steps, one a stage';
    throw new LowformerError({ code: 'invalid-config', where: 'RegNet.arch', expected, received: distinct });
  }
  return distinct.map((width): Stage => {
    const bottleneck = Math.trunc(width * bot_mul);
    const groupWidth = Math.min(group_w, bottleneck);
    const planes = Math.trunc(Math.trunc(roundHalfEven(bottleneck / groupWidth) * groupWidth) / bot_mul);
    const groups = Math.floor(roundHalfEven(planes * bot_mul) / groupWidth);
    const blocks = widths.filter((other) => other === width).length;
    return { blocks, width: groupedWidth(planes, groups, groupWidth / planes), out: planes, groups };
  });
}
