/** ResNet's residual blocks (arXiv 1512.03385, figure 5), with torchvision's parameter names. */
import type { ConvOptions, GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';

export interface BlockOptions {
  /** Channels of the 3x3 convolutions. */
  readonly width: number;
  readonly stride: number;
  /** Of the batch norms. */
  readonly epsilon: number;
}

/** A convolution without bias and its batch norm, under the two given names. */
export function convNorm(
  g: GraphBuilder,
  x: Value,
  [conv, norm]: readonly [conv: string, norm: string],
  options: ConvOptions,
  epsilon: number,
): Value {
  return g.scope(norm).batchNorm(g.scope(conv).conv(x, { ...options, bias: false }), epsilon);
}

/** Two 3x3 convolutions, of which the first may be strided. [N, C, H, W] -> [N, width, H/stride, W/stride]. */
export function basicBlock(g: GraphBuilder, x: Value, { width: out, stride, epsilon }: BlockOptions): Value {
  const first = g.relu(convNorm(g, x, ['conv1', 'bn1'], { out, kernel: 3, stride }, epsilon));
  const second = convNorm(g, first, ['conv2', 'bn2'], { out, kernel: 3 }, epsilon);
  return g.relu(g.add(second, shortcut(g, x, { out, stride, epsilon })));
}

/** 1x1, 3x3 (which may be strided), 1x1 to four times the width. [N, C, H, W] -> [N, 4 width, H/stride, W/stride]. */
export function bottleneckBlock(g: GraphBuilder, x: Value, { width, stride, epsilon }: BlockOptions): Value {
  const out = 4 * width;
  const first = g.relu(convNorm(g, x, ['conv1', 'bn1'], { out: width, kernel: 1 }, epsilon));
  const second = g.relu(convNorm(g, first, ['conv2', 'bn2'], { out: width, kernel: 3, stride }, epsilon));
  const third = convNorm(g, second, ['conv3', 'bn3'], { out, kernel: 1 }, epsilon);
  return g.relu(g.add(third, shortcut(g, x, { out, stride, epsilon })));
}

interface ShortcutOptions extends Omit<BlockOptions, 'width'> {
  readonly out: number;
}

/** What comes in, by a strided 1x1 where its size or its channels are others. */
function shortcut(g: GraphBuilder, x: Value, { out, stride, epsilon }: ShortcutOptions): Value {
  if (stride === 1 && x.channels === out) return x;
  return convNorm(g, x, ['downsample.0', 'downsample.1'], { out, kernel: 1, stride }, epsilon);
}
