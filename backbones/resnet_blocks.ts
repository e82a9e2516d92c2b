/**
 * Residual blocks of ResNet (arXiv 1512.03385, figure 5), of its variants (He, T. et al., "Bag of Tricks for Image
 * Classification with Convolutional Neural Networks", arXiv 1812.01187, figure 2) and of ResNeXt (Xie et al., arXiv
 * 1611.05431, figure 3c), with torchvision's parameter names.
 */
import type { ConvOptions, GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';

/** What all blocks of a network have in common. */
export interface BlockForm {
  /** Where a bottleneck is strided: at its 3x3 (`pytorch`) or at its first 1x1 (`caffe`). */
  readonly style: 'pytorch' | 'caffe';
  /** Whether shortcuts are made smaller by averaging before their 1x1, not by its stride. */
  readonly avgDown: boolean;
  /** Of the batch norms. */
  readonly epsilon: number;
}

export interface BlockOptions {
  /** Channels of the 3x3 convolutions. */
  readonly width: number;
  /** Channels that go out: of a basic block, its width. */
  readonly out: number;
  readonly stride: number;
  /** Of the (first) 3x3. */
  readonly dilation: number;
  /** Of a bottleneck's 3x3. */
  readonly groups: number;
}

export type ResidualBlock = (g: GraphBuilder, x: Value, options: BlockOptions, form: BlockForm) => Value;

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

/** Two 3x3 convolutions, of which the first may be strided and dilated. [N, C, H, W] -> [N, out, H/stride, W/stride]. */
export const basicBlock: ResidualBlock = (g, x, options, form) => {
  const { out, stride, dilation } = options;
  const { epsilon } = form;
  const first = g.relu(convNorm(g, x, ['conv1', 'bn1'], { out, stride, ...dilated(dilation) }, epsilon));
  const second = convNorm(g, first, ['conv2', 'bn2'], { out, kernel: 3 }, epsilon);
  return g.relu(g.add(second, shortcut(g, x, options, form)));
};

/** 1x1, 3x3, 1x1, of which one of the first two may be strided. [N, C, H, W] -> [N, out, H/stride, W/stride]. */
export const bottleneckBlock: ResidualBlock = (g, x, options, form) => {
  const { width, out, stride, dilation, groups } = options;
  const { epsilon } = form;
  const [one, three] = form.style === 'caffe' ? [stride, 1] : [1, stride];
  const first = g.relu(convNorm(g, x, ['conv1', 'bn1'], { out: width, kernel: 1, stride: one }, epsilon));
  const middle = { out: width, stride: three, groups, ...dilated(dilation) };
  const second = g.relu(convNorm(g, first, ['conv2', 'bn2'], middle, epsilon));
  const third = convNorm(g, second, ['conv3', 'bn3'], { out, kernel: 1 }, epsilon);
  return g.relu(g.add(third, shortcut(g, x, options, form)));
};

/** A 3x3 that keeps the size at stride 1. */
function dilated(dilation: number) {
  return dilation === 1 ? { kernel: 3 } : { kernel: 3, dilation, pad: dilation };
}

/** What comes in, by a 1x1 where its size or its channels are others. */
function shortcut(g: GraphBuilder, x: Value, { out, stride }: BlockOptions, { avgDown, epsilon }: BlockForm): Value {
  if (stride === 1 && x.channels === out) return x;
  if (!avgDown) return convNorm(g, x, ['downsample.0', 'downsample.1'], { out, kernel: 1, stride }, epsilon);
  // The average has the first place in the state_dict's numbering, even where it is one of single pixels.
  const smaller = stride === 1 ? x : g.emit('averagePool', [x], { kernel: stride });
  return convNorm(g, smaller, ['downsample.1', 'downsample.2'], { out, kernel: 1 }, epsilon);
}
