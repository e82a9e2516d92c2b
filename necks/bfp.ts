/**
 * Balanced Feature Pyramid (Pang et al., "Libra R-CNN: Towards Balanced Learning for Object Detection", CVPR 2019, arXiv
 * 1904.02701, section 3.2), with the keys and parameter names of mmdet 3's BFP. It stands behind another neck.
 */
import { z } from 'zod';
import { channelCount, levelCount, levelIndex } from '../core/bounded_numbers.js';
import { LowformerError } from '../core/errors.js';
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import { CONV_MODULE_START, convModule, convSchema, normSchema } from '../layers/conv_module.js';
import { defineNeck } from '../registry/define.js';
import type { Pyramid } from '../registry/feature.js';
import { nonLocal } from './non_local.js';

const schema = z.strictObject({
  in_channels: channelCount.optional().describe('checked against the features that come in when given'),
  num_levels: levelCount.optional().describe('checked against the features that come in when given'),
  refine_level: levelIndex.default(2).describe('the level at whose size all are averaged, counted from 0'),
  refine_type: z.enum(['conv', 'non_local']).nullable().default(null),
  conv_cfg: convSchema.default(null),
  norm_cfg: normSchema.default(null),
});
type BfpConfig = z.output<typeof schema>;

export const bfp = defineNeck({
  type: 'BFP',
  schema,
  trainingKeys: ['init_cfg'],
  checkpoint: {
    // A non-local block begins as nothing but its shortcut.
    initial(name, _, { norm_cfg }) {
      const nothing = norm_cfg === null ? /^refine\.conv_out\.conv\./ : /^refine\.conv_out\.[bg]n\.weight$/;
      return nothing.test(name) ? 0 : undefined;
    },
    // mmcv's modules fill themselves once more, after BFP has.
    initCfg: ({ refine_type }) =>
      refine_type === 'conv' ? [CONV_MODULE_START] : [{ type: 'Normal', layer: 'Conv2d', std: 0.01 }],
  },

  /** P_i [N, C, H/s_i, W/s_i], all of the same channels -> as many of the same sizes and channels. */
  build(g, inputs, config) {
    const { refine_level } = config;
    const like = checkedLevel(inputs, config);
    // Finer levels keep their largest values on the way down, as coarser ones do when the mean comes back to them.
    const gathered = inputs.map(({ value }, i) => resized(g, value, like, i < refine_level));
    const sum = gathered.reduce((total, value) => g.add(total, value));
    const refined = refine(g.scope('refine'), g.emit('scale', [sum], { factor: 1 / inputs.length }), config);
    const scattered = inputs.map(({ value, stride }, i) => ({
      value: g.add(resized(g, refined, value, i >= refine_level), value),
      stride,
    }));
    const [finest, ...coarser] = scattered;
    return finest === undefined ? inputs : [finest, ...coarser];
  },
});

/** [N, C, H, W] at the size of another map. */
function resized(g: GraphBuilder, x: Value, like: Value, pooled: boolean): Value {
  return pooled ? g.emit('adaptiveMaxPoolLike', [x, like], {}) : g.resizeNearestLike(x, like);
}

function refine(g: GraphBuilder, x: Value, { refine_type, norm_cfg: norm }: BfpConfig): Value {
  switch (refine_type) {
    case null:
      return x;
    case 'conv':
      return convModule(g, x, { out: x.channels, kernel: 3, norm, activation: { type: 'ReLU' } });
    case 'non_local':
      return nonLocal(g, x, { norm });
  }
}

/** The map at whose size all are averaged. */
function checkedLevel(inputs: Pyramid, { in_channels, num_levels, refine_level }: BfpConfig): Value {
  const channels = inputs.map(({ value }) => value.channels);
  const [own = 0] = channels;
  if (channels.some((count) => count !== own)) {
    throw mismatch('in_channels', 'features of the same channels', channels);
  }
  if (in_channels !== undefined && in_channels !== own) {
    throw mismatch('in_channels', `${own}, the channels of the features that come in`, in_channels);
  }
  if (num_levels !== undefined && num_levels !== inputs.length) {
    throw mismatch('num_levels', `${inputs.length}, the features that come in`, num_levels);
  }
  const level = inputs[refine_level];
  if (level === undefined) throw mismatch('refine_level', `at most ${inputs.length - 1}`, refine_level);
  return level.value;
}

function mismatch(key: string, expected: string, received: unknown): LowformerError {
  return new LowformerError({ code: 'invalid-config', where: `BFP.${key}`, expected, received });
}
