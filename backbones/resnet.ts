/**
 * ResNet (He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition", CVPR 2016, arXiv 1512.03385), in the form
 * of torchvision, which OpenMMLab calls `pytorch` style: the 3x3 of a bottleneck is the strided one. Parameter names are
 * torchvision's; so are timm's and OpenMMLab's.
 */
import { z } from 'zod';
import { channelCount } from '../core/bounded_numbers.js';
import { stride } from '../core/brands.js';
import { LowformerError } from '../core/errors.js';
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import { batchNormSchema, convSchema } from '../layers/conv_module.js';
import { outIndicesSchema, pickFeatures } from '../layers/out_indices.js';
import { defineBackbone } from '../registry/define.js';
import type { Feature } from '../registry/feature.js';
import { basicBlock, bottleneckBlock, convNorm } from './resnet_blocks.js';

/** Blocks of the four stages (table 1), and which block they are made of. */
const DEPTHS = {
  18: { block: basicBlock, blocks: [2, 2, 2, 2] },
  34: { block: basicBlock, blocks: [3, 4, 6, 3] },
  50: { block: bottleneckBlock, blocks: [3, 4, 6, 3] },
  101: { block: bottleneckBlock, blocks: [3, 4, 23, 3] },
  152: { block: bottleneckBlock, blocks: [3, 8, 36, 3] },
} as const;

const STRIDES = [1, 2, 2, 2];
const DILATIONS = [1, 1, 1, 1];

/** A key of OpenMMLab's whose other forms are not here. */
const only = <const Value extends boolean | number | null>(value: Value) =>
  z.literal(value, { error: `expected ${value}: no other form is here` });

const schema = z.strictObject({
  depth: z.literal([18, 34, 50, 101, 152]),
  in_channels: only(3).default(3),
  stem_channels: channelCount.nullish().describe('base_channels when absent'),
  base_channels: channelCount.default(64).describe('of the first stage; doubled from stage to stage'),
  num_stages: z.int().min(1).max(4).default(4),
  strides: z.array(z.int()).readonly().optional().describe('checked: 1, then 2 in every stage'),
  dilations: z.array(z.int()).readonly().optional().describe('checked: 1 in every stage'),
  out_indices: outIndicesSchema,
  style: z
    .literal('pytorch', { error: "expected 'pytorch': in 'caffe' style other convolutions are strided" })
    .default('pytorch'),
  deep_stem: only(false).default(false),
  avg_down: only(false).default(false),
  conv_cfg: convSchema.default(null),
  norm_cfg: batchNormSchema.prefault({ type: 'BN' }),
  dcn: only(null).default(null),
  plugins: only(null).default(null),
});
type Config = z.output<typeof schema>;

export const resnet = defineBackbone({
  type: 'ResNet',
  schema,
  trainingKeys: [
    'init_cfg',
    'pretrained',
    'frozen_stages',
    'norm_eval',
    'with_cp',
    'zero_init_residual',
    'drop_path_rate',
    'stage_with_dcn',
  ],

  /** [N, 3, H, W] -> C2 to C5 [N, C_i, ceil(H/s_i), ceil(W/s_i)] at strides 4, 8, 16, 32 (those that `out_indices` names). */
  build(g, input, config) {
    check('strides', config.strides, STRIDES.slice(0, config.num_stages));
    check('dilations', config.dilations, DILATIONS.slice(0, config.num_stages));
    return pickFeatures('ResNet', stages(g, input, config), config.out_indices);
  },
});

function stages(g: GraphBuilder, input: Value, config: Config): readonly Feature[] {
  const { block, blocks } = DEPTHS[config.depth];
  const { eps: epsilon } = config.norm_cfg;
  let x = stem(g, input, config.stem_channels ?? config.base_channels, epsilon);
  return blocks.slice(0, config.num_stages).map((count, index) => {
    const width = config.base_channels * 2 ** index;
    for (let i = 0; i < count; i++) {
      x = block(g.scope(`layer${index + 1}.${i}`), x, { width, stride: i === 0 && index > 0 ? 2 : 1, epsilon });
    }
    return { value: x, stride: stride(4 * 2 ** index) };
  });
}

/** Strided 7x7 and max pooling. [N, 3, H, W] -> [N, width, H/4, W/4]. */
function stem(g: GraphBuilder, input: Value, width: number, epsilon: number): Value {
  const x = g.relu(convNorm(g, input, ['conv1', 'bn1'], { out: width, kernel: 7, stride: 2 }, epsilon));
  return g.emit('maxPool', [x], { kernel: 3, stride: 2, pad: 1 });
}

function check(key: string, given: readonly number[] | undefined, known: readonly number[]): void {
  if (given === undefined || given.join() === known.join()) return;
  const expected = `[${known.join(', ')}], the only form that is here`;
  throw new LowformerError({ code: 'invalid-config', where: `ResNet.${key}`, expected, received: given });
}
