/** What the heads of one-stage detectors share: towers of convolutions over every level, and checks of what comes in. */
import { LowformerError } from '../core/errors.js';
import type { InitCfg } from '../core/init_cfg.js';
import type { GraphBuilder } from '../graph/builder.js';
import type { NamedValue } from '../graph/graph.js';
import type { Value } from '../graph/value.js';
import type { Pyramid } from '../registry/feature.js';
import { convModule, type NormConfig } from './conv_module.js';

/** How mmdet's dense heads and torchvision's fill their convolutions, but for the classifier's bias: `startsRare`. */
export const DENSE_HEAD_START: readonly InitCfg[] = [{ type: 'Normal', layer: 'Conv2d', std: 0.01 }];

export interface TowerConfig {
  readonly stacked_convs: number;
  readonly feat_channels: number;
  readonly norm_cfg: NormConfig;
  /** mmdet's `conv_bias`; by default a convolution has a bias where no norm follows it. */
  readonly conv_bias?: boolean | 'auto';
}

/**
 * Stacked 3x3 convolutions with norm and ReLU, the same weights for every level: parameters `<name>.<i>.conv.…`.
 * In [N, C, H, W], out [N, feat_channels, H, W].
 */
export function tower(g: GraphBuilder, name: string, input: Value, config: TowerConfig): Value {
  const { stacked_convs, feat_channels: out, norm_cfg: norm, conv_bias: bias = 'auto' } = config;
  let x = input;
  for (let i = 0; i < stacked_convs; i++) {
    x = convModule(g.scope(`${name}.${i}`), x, { out, kernel: 3, norm, activation: { type: 'ReLU' }, bias });
  }
  return x;
}

/** The maps of one kind as they leave the network: `cls0`, `cls1`, … finest first. */
export function namedLevels(name: string, levels: readonly Value[]): readonly NamedValue[] {
  return levels.map((value, level) => ({ name: `${name}${level}`, value }));
}

/**
 * Holds what a dense head's config says of its inputs against the features that arrive.
 * @param head its type: errors name `<head>.in_channels` and `<head>.<stridesKey>`.
 * @throws {LowformerError} `invalid-config`
 */
export function checkLevels(
  head: string,
  inputs: Pyramid,
  { in_channels }: { readonly in_channels?: number | undefined },
  stridesKey: string,
  strides: readonly (readonly [number, number])[],
): void {
  const mismatch = (key: string, expected: string, received: unknown) =>
    new LowformerError({ code: 'invalid-config', where: `${head}.${key}`, expected, received });
  const channels = [...new Set(inputs.map(({ value }) => value.channels))];
  if (channels.length > 1) throw mismatch('in_channels', 'levels of equal channels', channels);
  if (in_channels !== undefined && in_channels !== channels[0]) {
    throw mismatch('in_channels', `${channels[0]}, the channels of the features that come in`, in_channels);
  }
  // A pair is [horizontal, vertical]; features here have one stride for both, so each number of a pair is checked.
  const actual = inputs.map(({ stride }) => [Number(stride), Number(stride)]);
  if (strides.join(';') !== actual.join(';')) {
    const expected = `[${inputs.map(({ stride }) => stride).join(', ')}], the strides of the features that come in`;
    const given = strides.map(([x, y]) => (x === y ? x : [x, y]));
    throw mismatch(stridesKey, expected, given);
  }
}

/**
 * The start of mmcv's `Scale`, one a level.
 * @param list its name in the head: `scales` for `scales.0.scale`.
 * @returns a definition's `checkpoint.initial`.
 */
export const startsAtOne =
  (list: string) =>
  (name: string): number | undefined =>
    name.startsWith(`${list}.`) && name.endsWith('.scale') ? 1 : undefined;
