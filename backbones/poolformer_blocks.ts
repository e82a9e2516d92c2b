/** PoolFormer's block (Yu et al., arXiv 2111.11418, section 3), with mmpretrain's parameter names. */
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import { type ActivationConfig, activate } from '../layers/conv_module.js';

export interface PoolFormerBlockOptions {
  /** Side of the windows that are averaged. */
  readonly pool: number;
  /** Hidden channels of the MLP. */
  readonly hidden: number;
  readonly activation: ActivationConfig;
  /** Of the norms. */
  readonly groups: number;
  readonly epsilon: number;
}

/** How far each pixel lies from the mean around it, then an MLP, each after a norm, each by a learned factor, each residual. */
export function poolFormerBlock(g: GraphBuilder, input: Value, options: PoolFormerBlockOptions): Value {
  const { pool, hidden, activation, groups, epsilon } = options;
  const factors = ['layer_scale_1', 'layer_scale_2'] as const;
  g.reserve(...factors);
  const scaled = (value: Value, name: string) => g.emit('channelScale', [value], { flat: true, name });
  const first = g.scope('norm1').groupNorm(input, groups, epsilon);
  const mixed = g.emit('subtract', [g.emit('averageAround', [first], { kernel: pool }), first], {});
  const x = g.add(input, scaled(mixed, factors[0]));
  const mlp = g.scope('mlp');
  const widened = mlp.scope('fc1').conv(g.scope('norm2').groupNorm(x, groups, epsilon), { out: hidden, kernel: 1 });
  const active = activation === null ? widened : activate(g, widened, activation);
  return g.add(x, scaled(mlp.scope('fc2').conv(active, { out: x.channels, kernel: 1 }), factors[1]));
}
