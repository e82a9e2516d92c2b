/**
 * RetinaNet's head (Lin et al., "Focal Loss for Dense Object Detection", arXiv 1708.02002, section 4), with the forms and
 * parameter names of mmdet 3's RetinaHead: two towers of 3x3 convolutions, shared by all levels.
 */
import { z } from 'zod';
import { channelCount, classCount, layerCount } from '../core/bounded_numbers.js';
import { BOX_CODERS, boxCoderSchema } from '../decoding/box_coders.js';
import type { ClassScores } from '../decoding/candidate_choice.js';
import { createDenseDecoder } from '../decoding/dense_decoder.js';
import { denseTestSchema } from '../decoding/dense_test_cfg.js';
import { PRIOR_GENERATORS, priorGeneratorSchema } from '../decoding/prior_generators.js';
import type { GraphBuilder } from '../graph/builder.js';
import type { NamedValue } from '../graph/graph.js';
import { startsRare } from '../layers/class_prior.js';
import { convSchema, normSchema } from '../layers/conv_module.js';
import { checkLevels, DENSE_HEAD_START, namedLevels, type TowerConfig, tower } from '../layers/dense_head.js';
import { defineDetectionHead } from '../registry/define.js';
import type { Pyramid } from '../registry/feature.js';
import { createPart } from '../registry/part_schema.js';

const schema = z.strictObject({
  num_classes: classCount,
  in_channels: channelCount.optional().describe('checked against the neck when given'),
  stacked_convs: layerCount.default(4),
  feat_channels: channelCount.default(256),
  anchor_generator: priorGeneratorSchema.prefault({
    type: 'AnchorGenerator',
    octave_base_scale: 4,
    scales_per_octave: 3,
    ratios: [0.5, 1, 2],
    strides: [8, 16, 32, 64, 128],
  }),
  bbox_coder: boxCoderSchema.prefault({ type: 'DeltaXYWHBBoxCoder' }),
  loss_cls: z
    .looseObject({ use_sigmoid: z.boolean().default(false).describe('softmax with a background class when false') })
    .default({ use_sigmoid: true }),
  reg_decoded_bbox: z.boolean().optional().describe('concerns the loss alone'),
  conv_cfg: convSchema.default(null),
  norm_cfg: normSchema.default(null),
});

interface RetinaConfig extends TowerConfig {
  readonly in_channels?: number | undefined;
  readonly anchor_generator: z.output<typeof priorGeneratorSchema>;
}

/**
 * The two towers, and their predictors. P_i [N, C, H/s_i, W/s_i] -> `cls<i>` [N, anchors * channels, …] before the
 * activation, `reg<i>` [N, anchors * 4, …].
 * @param type of the head, for messages.
 * @param channels scores of each anchor.
 * @throws {LowformerError} `invalid-config` where the config contradicts the inputs.
 */
export function retinaOutputs(
  g: GraphBuilder,
  type: string,
  inputs: Pyramid,
  config: RetinaConfig,
  channels: number,
): readonly NamedValue[] {
  const { strides, priorsPerPosition: anchors } = createPart(PRIOR_GENERATORS, config.anchor_generator);
  checkLevels(type, inputs, config, 'anchor_generator.strides', strides);
  // Tower by tower, so that the parameters stand in a state_dict's order.
  const classes = inputs.map(({ value }) => tower(g, 'cls_convs', value, config));
  const boxes = inputs.map(({ value }) => tower(g, 'reg_convs', value, config));
  const scores = classes.map((x) => g.scope('retina_cls').conv(x, { out: anchors * channels, kernel: 3 }));
  const deltas = boxes.map((x) => g.scope('retina_reg').conv(x, { out: anchors * 4, kernel: 3 }));
  return [...namedLevels('cls', scores), ...namedLevels('reg', deltas)];
}

/**
 * RetinaNet's head under a name: mmdet has some that differ from it in training alone.
 * @param trainingKeys those beside RetinaHead's own.
 */
export const retinaHeadNamed = <const Type extends string, const Training extends readonly string[]>(
  type: Type,
  trainingKeys: Training,
) =>
  defineDetectionHead({
    type,
    schema,
    /** Without any, RetinaNet's published values stand. */
    testSchema: denseTestSchema.prefault({ nms_pre: 1000, score_thr: 0.05, min_bbox_size: 0 }),
    trainingKeys: ['loss_bbox', 'train_cfg', 'test_cfg', 'init_cfg', ...trainingKeys],
    checkpoint: { classLayers: ['retina_cls'], initial: startsRare('retina_cls'), initCfg: () => DENSE_HEAD_START },

    /** P_i [N, C, H/s_i, W/s_i] -> `cls<i>` [N, anchors * classes, …] before the sigmoid, `reg<i>` [N, anchors * 4, …]. */
    build: (g, inputs, config) =>
      retinaOutputs(g, type, inputs, config, config.num_classes + (config.loss_cls.use_sigmoid ? 0 : 1)),
    numClasses: ({ num_classes }) => num_classes,

    decoder: (config, test) =>
      createDenseDecoder(
        {
          head: type,
          priors: createPart(PRIOR_GENERATORS, config.anchor_generator),
          coder: createPart(BOX_CODERS, config.bbox_coder),
          scores: scoresOf(config),
        },
        test,
      ),
  });

function scoresOf({ num_classes: classes, loss_cls }: z.output<typeof schema>): ClassScores {
  return { classes, activation: loss_cls.use_sigmoid ? 'sigmoid' : 'softmax' };
}

export const retinaHead = retinaHeadNamed('RetinaHead', []);
export type RetinaHeadConfig = z.output<typeof schema>;
