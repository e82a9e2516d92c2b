/** The stages of ResNet and its relatives, as mmdet and mmseg build them. */
import { stride } from '../core/brands.js';
import { LowformerError } from '../core/errors.js';
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import { pickFeatures } from '../layers/out_indices.js';
import type { Feature, Pyramid } from '../registry/feature.js';
import { type BlockForm, basicBlock, bottleneckBlock, convNorm, type ResidualBlock } from './resnet_blocks.js';

/** Blocks of the four stages (arXiv 1512.03385, table 1), what they are made of, and how far a block widens. */
export const RESNET_DEPTHS = {
  18: { block: basicBlock, blocks: [2, 2, 2, 2], expansion: 1 },
  34: { block: basicBlock, blocks: [3, 4, 6, 3], expansion: 1 },
  50: { block: bottleneckBlock, blocks: [3, 4, 6, 3], expansion: 4 },
  101: { block: bottleneckBlock, blocks: [3, 4, 23, 3], expansion: 4 },
  152: { block: bottleneckBlock, blocks: [3, 8, 36, 3], expansion: 4 },
} as const;

/** A checked config of `resnetKeys` and `variantKeys`, with ResNeXt's groups. */
export interface ResnetConfig extends Omit<StagesConfig, 'multi_grid' | 'contract_dilation'> {
  readonly depth: keyof typeof RESNET_DEPTHS;
  readonly stem_channels?: number | null | undefined;
  readonly base_channels: number;
  readonly num_stages: number;
  readonly contract_dilation: boolean;
  readonly multi_grid: readonly number[] | null;
  readonly deep_stem: boolean;
}

export interface StagesConfig {
  readonly strides?: readonly number[] | undefined;
  readonly dilations?: readonly number[] | undefined;
  readonly out_indices: readonly number[];
  readonly style: BlockForm['style'];
  readonly avg_down: boolean;
  readonly norm_cfg: { readonly eps: number };
  readonly contract_dilation?: boolean;
  readonly multi_grid?: readonly number[] | null;
}

/** One stage's blocks, but for what the config says of strides and dilations. */
export interface Stage {
  readonly blocks: number;
  /** Channels of the 3x3 convolutions. */
  readonly width: number;
  readonly out: number;
  readonly groups: number;
}

/** ResNeXt's: so many groups of so many channels each, in a stage of 64 channels. */
export interface Cardinality {
  readonly groups: number;
  readonly baseWidth: number;
}

/** [N, 3, H, W] -> C2 to C5 [N, C_i, ceil(H/s_i), ceil(W/s_i)], at strides 4, 8, 16, 32 unless `strides` says otherwise. */
export function resnetFeatures(
  g: GraphBuilder,
  input: Value,
  type: string,
  config: ResnetConfig,
  { groups, baseWidth }: Cardinality = { groups: 1, baseWidth: 0 },
): Pyramid {
  const { block, blocks, expansion } = RESNET_DEPTHS[config.depth];
  const { base_channels: base, num_stages, norm_cfg } = config;
  const stem = config.deep_stem ? deepStem : plainStem;
  const x = g.emit('maxPool', [stem(g, input, config.stem_channels ?? base, norm_cfg.eps)], {
    ...{ kernel: 3, stride: 2, pad: 1 },
  });
  const layout = blocks.slice(0, num_stages).map((count, index): Stage => {
    const planes = base * 2 ** index;
    const width = groupedWidth(planes, groups, baseWidth / base);
    return { blocks: count, width, out: planes * expansion, groups };
  });
  return residualStages(g, x, { type, stride: 4, block, layout, strides: [1, 2, 2, 2] }, config);
}

/** Channels of grouped 3x3 convolutions: each group has `share` of the planes, rounded down. */
export function groupedWidth(planes: number, groups: number, share: number): number {
  return groups === 1 ? planes : Math.floor(planes * share) * groups;
}

interface Plan {
  /** For messages. */
  readonly type: string;
  /** Input pixels from one position of the map that comes in to the next. */
  readonly stride: number;
  readonly block: ResidualBlock;
  readonly layout: readonly Stage[];
  /** Where the config says none. */
  readonly strides: readonly number[];
}

/**
 * Stages `layer1` to `layer4` of residual blocks, of which the first of each may be strided.
 * @param x [N, C, H, W], what the stem gives.
 * @throws {LowformerError} `invalid-config` where a list of the config has another length than there are stages or blocks,
 *   and where `out_indices` names no stage.
 */
export function residualStages(g: GraphBuilder, x: Value, plan: Plan, config: StagesConfig): Pyramid {
  const { type, block, layout } = plan;
  const strides = perStage(type, 'strides', config.strides, plan.strides.slice(0, layout.length));
  const dilations = perStage(type, 'dilations', config.dilations, new Array<number>(layout.length).fill(1));
  const form = { style: config.style, avgDown: config.avg_down, epsilon: config.norm_cfg.eps };
  let [value, pixels] = [x, plan.stride];
  const features = layout.map(({ blocks, ...channels }, index): Feature => {
    const first = strides[index] ?? 1;
    const last = index === layout.length - 1;
    const grid = blockDilations(type, blocks, dilations[index] ?? 1, config, last);
    grid.forEach((dilation, i) => {
      const options = { ...channels, dilation, stride: i === 0 ? first : 1 };
      value = block(g.scope(`layer${index + 1}.${i}`), value, options, form);
    });
    pixels *= first;
    return { value, stride: stride(pixels) };
  });
  return pickFeatures(type, features, config.out_indices);
}

/** Dilations of a stage's blocks (mmseg's ResLayer). */
function blockDilations(
  type: string,
  blocks: number,
  dilation: number,
  { contract_dilation = false, multi_grid = null }: StagesConfig,
  lastStage: boolean,
): readonly number[] {
  if (lastStage && multi_grid !== null) {
    // The reference reads as many as there are blocks, and breaks where there are fewer.
    if (multi_grid.length >= blocks) return multi_grid.slice(0, blocks);
    throw invalid(type, 'multi_grid', `${blocks} numbers, one a block of the last stage`, multi_grid);
  }
  const first = contract_dilation && dilation > 1 ? Math.floor(dilation / 2) : dilation;
  return Array.from({ length: blocks }, (_, i) => (i === 0 ? first : dilation));
}

function perStage(
  type: string,
  key: string,
  given: readonly number[] | undefined,
  otherwise: readonly number[],
): readonly number[] {
  if (given === undefined || given.length === otherwise.length) return given ?? otherwise;
  throw invalid(type, key, `${otherwise.length} numbers, one a stage`, given);
}

function invalid(type: string, key: string, expected: string, received: readonly number[]): LowformerError {
  return new LowformerError({ code: 'invalid-config', where: `${type}.${key}`, expected, received });
}

/** Strided 7x7. [N, 3, H, W] -> [N, width, H/2, W/2]. */
function plainStem(g: GraphBuilder, input: Value, out: number, epsilon: number): Value {
  return g.relu(convNorm(g, input, ['conv1', 'bn1'], { out, kernel: 7, stride: 2 }, epsilon));
}

/** Three 3x3, the first strided, the first two of half the width (arXiv 1812.01187, figure 2b). */
function deepStem(g: GraphBuilder, input: Value, width: number, epsilon: number): Value {
  const half = Math.floor(width / 2);
  const stem = g.scope('stem');
  const first = g.relu(convNorm(stem, input, ['0', '1'], { out: half, kernel: 3, stride: 2 }, epsilon));
  const second = g.relu(convNorm(stem, first, ['3', '4'], { out: half, kernel: 3 }, epsilon));
  return g.relu(convNorm(stem, second, ['6', '7'], { out: width, kernel: 3 }, epsilon));
}
