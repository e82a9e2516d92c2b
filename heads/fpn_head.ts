/**
 * Semantic FPN (Kirillov et al., "Panoptic Feature Pyramid Networks", arXiv 1901.02446, section 3.1), with the forms and
 * parameter names of mmseg 1's FPNHead.
 */
import { z } from 'zod';
import { channelCount, classCount, levelIndex, strideCount } from '../core/bounded_numbers.js';
import { LowformerError } from '../core/errors.js';
import { createSegmentationDecoder } from '../decoding/segmentation_decoder.js';
import { segmentationTestSchema, unusedTestKeys } from '../decoding/segmentation_test_cfg.js';
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import { activationSchema, CONV_MODULE_START, convModule, convSchema, normSchema } from '../layers/conv_module.js';
import { defineSegmentationHead } from '../registry/define.js';
import type { Feature } from '../registry/feature.js';

const schema = z.strictObject({
  in_channels: z.array(channelCount).max(20).readonly().optional().describe('checked against the neck when given'),
  in_index: z.array(levelIndex).min(1).max(20).readonly().optional().describe('the levels read; all when absent'),
  feature_strides: z.array(strideCount).max(20).readonly().optional().describe('checked against the neck when given'),
  channels: channelCount,
  num_classes: classCount,
  out_channels: channelCount.nullable().optional().describe('1 for two classes told apart by a threshold'),
  threshold: z.number().gt(0).lt(1).nullable().optional(),
  align_corners: z.boolean().default(false),
  input_transform: z.literal('multiple_select').optional(),
  conv_cfg: convSchema.default(null),
  norm_cfg: normSchema.default(null),
  act_cfg: activationSchema.default({ type: 'ReLU' }),
});

export const fpnHead = defineSegmentationHead({
  type: 'FPNHead',
  schema,
  testSchema: segmentationTestSchema,
  unusedTestKeys,
  trainingKeys: ['loss_decode', 'dropout_ratio', 'ignore_index', 'sampler', 'init_cfg', 'train_cfg', 'test_cfg'],
  checkpoint: {
    classLayers: ['conv_seg'],
    initCfg: () => [{ ...CONV_MODULE_START, override: { type: 'Normal', name: 'conv_seg', std: 0.01 } }],
  },

  /** P_i [N, C, H/s_i, W/s_i], finest first -> `logits` [N, classes, H/s_0, W/s_0], before softmax. */
  build(g, inputs, config) {
    const [finest, ...coarser] = selected(inputs, config);
    let sum = scaleHead(g.scope('scale_heads.0'), finest, finest.stride, config);
    coarser.forEach((feature, i) => {
      const scaled = scaleHead(g.scope(`scale_heads.${i + 1}`), feature, finest.stride, config);
      const enlarged = g.emit('resizeBilinearLike', [scaled, sum], { alignCorners: config.align_corners });
      sum = g.add(sum, enlarged);
    });
    return [{ name: 'logits', value: g.scope('conv_seg').conv(sum, { out: outputs(config), kernel: 1 }) }];
  },
  // mmseg's map of a single output is of 0 and 1, whether num_classes says 1 or 2.
  thresholded: (config) => outputs(config) === 1,
  numClasses: (config) => (outputs(config) === 1 ? 2 : config.num_classes),
  decoder: ({ align_corners, threshold }, test) =>
    createSegmentationDecoder({
      head: 'FPNHead',
      output: 'logits',
      alignCorners: align_corners,
      threshold: threshold ?? 0.3,
      test,
    }),
});
export type FpnHeadConfig = z.output<typeof schema>;

/** As many 3x3 convolutions as the stride halves on its way to the finest, each followed by a doubling of the size. */
function scaleHead(g: GraphBuilder, { value, stride }: Feature, finest: number, config: FpnHeadConfig): Value {
  const { channels: out, norm_cfg: norm, act_cfg: activation, align_corners: alignCorners } = config;
  const steps = Math.max(1, Math.log2(stride) - Math.log2(finest));
  let x = value;
  for (let step = 0, at = 0; step < steps; step++) {
    x = convModule(g.scope(String(at++)), x, { out, kernel: 3, norm, activation });
    if (stride === finest) continue;
    x = g.emit('resizeBilinear', [x], { factor: 2, alignCorners });
    // mmseg counts the enlargement as a module of its own.
    at++;
  }
  return x;
}

/** The levels that in_index names, checked against what the config says of them. */
function selected(inputs: readonly Feature[], config: FpnHeadConfig): readonly [Feature, ...Feature[]] {
  const indices = config.in_index ?? inputs.map((_, i) => i);
  const features = indices.map((index) => {
    const feature = inputs[index];
    if (feature === undefined) throw mismatch('in_index', `indices from 0 to ${inputs.length - 1}`, indices);
    return feature;
  });
  check(
    'in_channels',
    config.in_channels,
    features.map(({ value }) => value.channels),
  );
  check(
    'feature_strides',
    config.feature_strides,
    features.map(({ stride }) => stride),
  );
  const [finest, ...coarser] = features;
  if (finest === undefined) throw mismatch('in_index', 'at least one level', indices);
  return [finest, ...coarser];
}

function check(key: string, given: readonly number[] | undefined, actual: readonly number[]): void {
  if (given === undefined || given.join() === actual.join()) return;
  throw mismatch(key, `[${actual.join(', ')}], as the features that come in have it`, given);
}

/** mmseg: one output a class, or a single one for two classes. */
function outputs({ num_classes, out_channels }: FpnHeadConfig): number {
  const out = out_channels ?? num_classes;
  if (out !== num_classes && !(out === 1 && num_classes === 2)) {
    throw mismatch('out_channels', `${num_classes}, or 1 with two classes`, out);
  }
  return out;
}

function mismatch(key: string, expected: string, received: unknown): LowformerError {
  return new LowformerError({ code: 'invalid-config', where: `FPNHead.${key}`, expected, received });
}
