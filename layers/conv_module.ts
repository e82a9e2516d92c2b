/** OpenMMLab's ConvModule (mmcv.cnn): a convolution, a norm, an activation, and the config keys that choose them. */
import { z } from 'zod';
import { channelCount } from '../core/bounded_numbers.js';
import type { InitCfg } from '../core/init_cfg.js';
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';

/** How mmcv's ConvModule fills its convolution, unless what it stands in fills it otherwise. */
export const CONV_MODULE_START: InitCfg = { type: 'Kaiming', layer: 'Conv2d' };

/** mmcv's `conv_cfg`: nothing but the plain convolution is known here. */
export const convSchema = z.strictObject({ type: z.enum(['Conv2d', 'Conv']) }).nullable();

/** mmcv's `norm_cfg` where nothing but batch norm is known. */
export const batchNormSchema = z.strictObject({
  type: z.enum(['BN', 'BN2d', 'SyncBN']),
  eps: z.number().min(0).default(1e-5),
  requires_grad: z.boolean().optional(),
  momentum: z.number().optional(),
});
/** mmcv's `norm_cfg` where nothing but layer norm is known. */
export const layerNormSchema = z.strictObject({
  type: z.literal('LN'),
  eps: z.number().positive().default(1e-5),
  requires_grad: z.boolean().optional(),
});
/** mmcv's `norm_cfg` where nothing but group norm is known. */
export const groupNormSchema = z.strictObject({
  type: z.literal('GN'),
  num_groups: channelCount,
  eps: z.number().positive().default(1e-5),
  requires_grad: z.boolean().optional(),
});

/** mmcv's `norm_cfg`. Training's keys (`requires_grad`, `momentum`) are accepted: running statistics are used as they are. */
export const normSchema = z.discriminatedUnion('type', [batchNormSchema, groupNormSchema]).nullable();
export type NormConfig = z.output<typeof normSchema>;

/** mmcv's `act_cfg`. */
export const activationSchema = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('ReLU'), inplace: z.boolean().optional() }),
    z.strictObject({ type: z.literal('ReLU6'), inplace: z.boolean().optional() }),
    z.strictObject({ type: z.enum(['SiLU', 'Swish']), inplace: z.boolean().optional() }),
    z.strictObject({ type: z.literal('HSwish'), inplace: z.boolean().optional() }),
    z.strictObject({ type: z.literal('GELU') }),
  ])
  .nullable();
export type ActivationConfig = z.output<typeof activationSchema>;

export interface ConvModuleOptions {
  readonly out: number;
  readonly kernel: number;
  readonly stride?: number;
  readonly norm: NormConfig;
  readonly activation: ActivationConfig;
  /** mmcv's `bias`: `auto`, the default, for one where no norm follows. */
  readonly bias?: boolean | 'auto';
}

/**
 * Parameters `conv.weight`, `conv.bias` (only without a norm, unless `bias` says otherwise), and `bn.*` or `gn.*`.
 * Padding keeps the size at stride 1. In and out [N, C, H, W].
 */
export function convModule(g: GraphBuilder, x: Value, options: ConvModuleOptions): Value {
  const { norm, activation, bias = 'auto', ...convolution } = options;
  const convolved = g.scope('conv').conv(x, { ...convolution, bias: bias === 'auto' ? norm === null : bias });
  const normalised = norm === null ? convolved : normalise(g, convolved, norm);
  return activation === null ? normalised : activate(g, normalised, activation);
}

function normalise(g: GraphBuilder, x: Value, norm: NonNullable<NormConfig>): Value {
  if (norm.type === 'GN') return g.scope('gn').groupNorm(x, norm.num_groups, norm.eps);
  return g.scope('bn').batchNorm(x, norm.eps);
}

/** The function that `act_cfg` names, element by element. */
export function activate(g: GraphBuilder, x: Value, { type }: NonNullable<ActivationConfig>): Value {
  switch (type) {
    case 'ReLU':
      return g.relu(x);
    case 'ReLU6':
      return g.emit('relu6', [x], {});
    case 'SiLU':
    case 'Swish':
      return g.emit('silu', [x], {});
    case 'HSwish':
      return g.emit('hardswish', [x], {});
    case 'GELU':
      return g.emit('gelu', [x], { approximate: 'none' });
  }
}
