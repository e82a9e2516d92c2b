/**
 * ATSS's head (Zhang et al., "Bridging the Gap Between Anchor-based and Anchor-free Detection", arXiv 1912.02424, section
 * 4), with the forms and parameter names of mmdet 3's ATSSHead: RetinaNet's towers, one anchor a position, and a
 * centerness that its scores are multiplied by.
 */
import { z } from 'zod';
import { channelCount, classCount, layerCount } from '../core/bounded_numbers.js';
import { BOX_CODERS, boxCoderSchema } from '../decoding/box_coders.js';
import { createDenseDecoder } from '../decoding/dense_decoder.js';
import { denseTestSchema } from '../decoding/dense_test_cfg.js';
import { PRIOR_GENERATORS, priorGeneratorSchema } from '../decoding/prior_generators.js';
import { startsRare } from '../layers/class_prior.js';
import { convSchema, normSchema } from '../layers/conv_module.js';
import { checkLevels, DENSE_HEAD_START, namedLevels, startsAtOne, tower } from '../layers/dense_head.js';
import { defineDetectionHead } from '../registry/define.js';
import { createPart } from '../registry/part_schema.js';

const schema = z.strictObject({
  num_classes: classCount,
  in_channels: channelCount.optional().describe('checked against the neck when given'),
  pred_kernel_size: z.int().min(1).max(31).default(3).describe('of the three last convolutions; odd'),
  stacked_convs: layerCount.default(4),
  feat_channels: channelCount.default(256),
  anchor_generator: priorGeneratorSchema.prefault({
    type: 'AnchorGenerator',
    octave_base_scale: 8,
    scales_per_octave: 1,
    ratios: [1],
    strides: [8, 16, 32, 64, 128],
  }),
  bbox_coder: boxCoderSchema.prefault({ type: 'DeltaXYWHBBoxCoder' }),
  loss_cls: z
    .looseObject({ use_sigmoid: z.boolean().default(false).describe('softmax with a background class when false') })
    .default({ use_sigmoid: true }),
  reg_decoded_bbox: z.boolean().optional().describe('concerns the loss alone'),
  conv_cfg: convSchema.default(null),
  norm_cfg: normSchema.prefault({ type: 'GN', num_groups: 32 }),
});

export const atssHead = defineDetectionHead({
  type: 'ATSSHead',
  schema,
  /** Without any, ATSS's published values stand. */
  testSchema: denseTestSchema.prefault({
    nms_pre: 1000,
    score_thr: 0.05,
    nms: { type: 'nms', iou_threshold: 0.6 },
    min_bbox_size: 0,
  }),
  trainingKeys: ['loss_bbox', 'loss_centerness', 'train_cfg', 'test_cfg', 'init_cfg'],
  checkpoint: {
    classLayers: ['atss_cls'],
    initial: (name) => startsRare('atss_cls')(name) ?? startsAtOne('scales')(name),
    initCfg: () => DENSE_HEAD_START,
  },

  /**
   * P_i [N, C, H/s_i, W/s_i] -> `cls<i>` [N, anchors * classes, …] and `centerness<i>` [N, anchors, …] before the sigmoid,
   * `reg<i>` [N, anchors * 4, …].
   */
  build(g, inputs, config) {
    const { strides, priorsPerPosition: anchors } = createPart(PRIOR_GENERATORS, config.anchor_generator);
    checkLevels('ATSSHead', inputs, config, 'anchor_generator.strides', strides);
    // Module by module, so that the parameters stand in a state_dict's order.
    const classes = inputs.map(({ value }) => tower(g, 'cls_convs', value, config));
    const boxes = inputs.map(({ value }) => tower(g, 'reg_convs', value, config));
    const channels = config.num_classes + (config.loss_cls.use_sigmoid ? 0 : 1);
    const kernel = config.pred_kernel_size;
    const scores = classes.map((x) => g.scope('atss_cls').conv(x, { out: anchors * channels, kernel }));
    const sides = boxes.map((x) => g.scope('atss_reg').conv(x, { out: anchors * 4, kernel }));
    const centerness = boxes.map((x) => g.scope('atss_centerness').conv(x, { out: anchors, kernel }));
    const deltas = sides.map((x, level) => g.scope(`scales.${level}`).emit('learnedScale', [x], {}));
    return [...namedLevels('cls', scores), ...namedLevels('reg', deltas), ...namedLevels('centerness', centerness)];
  },
  numClasses: ({ num_classes }) => num_classes,

  decoder: (config, test) =>
    createDenseDecoder(
      {
        head: 'ATSSHead',
        priors: createPart(PRIOR_GENERATORS, config.anchor_generator),
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
export type AtssHeadConfig = z.output<typeof schema>;
