/**
 * FCOS's head (Tian et al., "FCOS: Fully Convolutional One-Stage Object Detection", arXiv 1904.01355, section 3), with the
 * forms and parameter names of mmdet 3's FCOSHead: no anchors but points, and the distances of a box's sides from them.
 */
import { z } from 'zod';
import { channelCount, classCount, layerCount, MOST_ITEMS, strideCount } from '../core/bounded_numbers.js';
import { BOX_CODERS, boxCoderSchema } from '../decoding/box_coders.js';
import { createDenseDecoder } from '../decoding/dense_decoder.js';
import { denseTestSchema } from '../decoding/dense_test_cfg.js';
import { PRIOR_GENERATORS, priorGeneratorSchema } from '../decoding/prior_generators.js';
import type { PriorGenerator } from '../geometry/priors.js';
import { startsRare } from '../layers/class_prior.js';
import { convSchema, normSchema } from '../layers/conv_module.js';
import { checkLevels, DENSE_HEAD_START, namedLevels, startsAtOne, tower } from '../layers/dense_head.js';
import { defineDetectionHead } from '../registry/define.js';
import { createPart } from '../registry/part_schema.js';

const schema = z.strictObject({
  num_classes: classCount,
  in_channels: channelCount.optional().describe('checked against the neck when given'),
  stacked_convs: layerCount.default(4),
  feat_channels: channelCount.default(256),
  strides: z
    .array(strideCount)
    .min(1)
    .max(MOST_ITEMS)
    .readonly()
    .default([4, 8, 16, 32, 64])
    .describe('input pixels per feature position, one a level'),
  norm_on_bbox: z.boolean().default(false).describe('distances in strides, none below 0; exponentials when false'),
  centerness_on_reg: z.boolean().default(false).describe("whether centerness stands on the boxes' tower"),
  dcn_on_last_conv: z.literal(false, { error: 'expected false: no deformable convolution is here' }).default(false),
  conv_bias: z
    .union([z.boolean(), z.literal('auto')])
    .default('auto')
    .describe("of the towers' convolutions"),
  cls_predictor_cfg: z.literal(null, { error: 'expected null: no other form is here' }).default(null),
  bbox_coder: boxCoderSchema.prefault({ type: 'DistancePointBBoxCoder' }),
  loss_cls: z
    .looseObject({ use_sigmoid: z.boolean().default(false).describe('softmax with a background class when false') })
    .default({ use_sigmoid: true }),
  conv_cfg: convSchema.default(null),
  norm_cfg: normSchema.prefault({ type: 'GN', num_groups: 32 }),
});

export const fcosHead = defineDetectionHead({
  type: 'FCOSHead',
  schema,
  /** Without any, FCOS's published values stand. */
  testSchema: denseTestSchema.prefault({ nms_pre: 1000, score_thr: 0.05, min_bbox_size: 0 }),
  trainingKeys: [
    'regress_ranges',
    'center_sampling',
    'center_sample_radius',
    'loss_bbox',
    'loss_centerness',
    'train_cfg',
    'test_cfg',
    'init_cfg',
  ],
  checkpoint: {
    // mmdet 1 and the first of mmdet 2.
    names: [{ pattern: /^fcos_(cls|reg|centerness)\./, replacement: 'conv_$1.' }],
    classLayers: ['conv_cls'],
    initial: (name) => startsRare('conv_cls')(name) ?? startsAtOne('scales')(name),
    initCfg: () => DENSE_HEAD_START,
  },

  /**
   * P_i [N, C, H/s_i, W/s_i] -> `cls<i>` [N, classes, …] and `centerness<i>` [N, 1, …] before the sigmoid, `reg<i>`
   * [N, 4, …]: left, top, right and bottom in input pixels.
   */
  build(g, inputs, config) {
    checkLevels('FCOSHead', inputs, config, 'strides', pointsOf(config).strides);
    // Module by module, so that the parameters stand in a state_dict's order.
    const classes = inputs.map(({ value }) => tower(g, 'cls_convs', value, config));
    const boxes = inputs.map(({ value }) => tower(g, 'reg_convs', value, config));
    const channels = config.num_classes + (config.loss_cls.use_sigmoid ? 0 : 1);
    const scores = classes.map((x) => g.scope('conv_cls').conv(x, { out: channels, kernel: 3 }));
    const sides = boxes.map((x) => g.scope('conv_reg').conv(x, { out: 4, kernel: 3 }));
    const centre = config.centerness_on_reg ? boxes : classes;
    const centerness = centre.map((x) => g.scope('conv_centerness').conv(x, { out: 1, kernel: 3 }));
    const distances = sides.map((x, level) => {
      const scaled = g.scope(`scales.${level}`).emit('learnedScale', [x], {});
      if (!config.norm_on_bbox) return g.emit('exp', [scaled], {});
      return g.emit('scale', [g.relu(scaled)], { factor: config.strides[level] ?? 1 });
    });
    return [...namedLevels('cls', scores), ...namedLevels('reg', distances), ...namedLevels('centerness', centerness)];
  },
  numClasses: ({ num_classes }) => num_classes,

  decoder: (config, test) =>
    createDenseDecoder(
      {
        head: 'FCOSHead',
        priors: pointsOf(config),
        coder: createPart(BOX_CODERS, config.bbox_coder),
        scores: {
          classes: config.num_classes,
          activation: config.loss_cls.use_sigmoid ? 'sigmoid' : 'softmax',
        },
        factors: 'centerness',
      },
      test,
    ),
});

export type FcosHeadConfig = z.output<typeof schema>;

/** One point a position: mmdet's head has no other. */
function pointsOf({ strides }: FcosHeadConfig): PriorGenerator {
  return createPart(
    PRIOR_GENERATORS,
    priorGeneratorSchema.parse({ type: 'MlvlPointGenerator', strides: [...strides] }),
  );
}
