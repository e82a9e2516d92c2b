/** mmcv's FFN: two linear layers at every pixel, with its parameter names. */
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import { type ActivationConfig, activate } from './conv_module.js';

/** Parameters `layers.0.0.*` and `layers.1.*`; [N, C, H, W] in and out, without a shortcut. */
export function feedForward(
  g: GraphBuilder,
  x: Value,
  { hidden, activation }: { readonly hidden: number; readonly activation: ActivationConfig },
): Value {
  const widened = g.scope('layers.0.0').linear(x, { out: hidden });
  const active = activation === null ? widened : activate(g, widened, activation);
  return g.scope('layers.1').linear(active, { out: x.channels });
}
