/**
 * Non-local block (Wang, Girshick, Gupta, He, "Non-local Neural Networks", CVPR 2018, arXiv 1711.07971, section 3.3), with
 * the parameter names of mmcv's NonLocal2d in its `embedded_gaussian` form with `reduction=1` and `use_scale=False`.
 */
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import { convModule, type NormConfig } from '../layers/conv_module.js';

/**
 * Every pixel gets what all others hold, weighted by their likeness; residual. [N, C, H, W] in and out.
 * @param options.norm after the last convolution, as mmcv has it.
 */
export function nonLocal(g: GraphBuilder, x: Value, { norm }: { readonly norm: NormConfig }): Value {
  g.reserve('g', 'conv_out', 'theta', 'phi');
  const embedding = { out: x.channels, kernel: 1, norm: null, activation: null } as const;
  const embedded = (name: string) => convModule(g.scope(name), x, embedding);
  const keysValues = g.emit('concatenate', [embedded('phi'), embedded('g')], {});
  const attention = { heads: 1, headDim: x.channels, scale: 1 };
  const mixed = g.emit('crossAttention', [embedded('theta'), keysValues], attention);
  return g.add(x, convModule(g.scope('conv_out'), mixed, { ...embedding, norm }));
}
