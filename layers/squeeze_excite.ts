import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';

/**
 * Squeeze and excitation (Hu, Shen, Sun, arXiv 1709.01507, section 3), as timm's SEModule with a sixteenth of the channels
 * between `fc1` and `fc2`: every channel times a factor that follows from the means of all. [N, C, H, W] in and out.
 */
export function squeezeExcite(g: GraphBuilder, x: Value): Value {
  const { channels } = x;
  const squeezed = g
    .scope('fc1')
    .conv(g.emit('averageToPixel', [x], {}), { out: Math.round(channels / 16), kernel: 1 });
  const factors = g.scope('fc2').conv(g.relu(squeezed), { out: channels, kernel: 1 });
  return g.emit('gate', [x, g.emit('sigmoid', [factors], {})], {});
}
