/**
 * RetinaNet's head (Lin et al., "Focal Loss for Dense Object Detection", arXiv 1708.02002, section 4), with the forms and
 * parameter names of mmdet 3's RetinaHead: two towers of 3x3 convolutions, shared by all levels.
 */
import { z } from 'zod';
import { channelCount, classCount, layerCount } from '../core/bounded_numbers.js';
import { LowformerError } from '../core/errors.js';
import type { Tensor, Tensors } from '../core/tensor.js';
import { createRetinaDecoder } from '../decoding/retina_decode.js';
import { anchorGeneratorSchema, createAnchorGenerator } from '../geometry/anchors.js';
import { boxCodecSchema, createBoxCodec } from '../geometry/box_codec.js';
import { nmsSchema } from '../geometry/nms.js';
import type { GraphBuilder } from '../graph/builder.js';
import type { NamedValue } from '../graph/graph.js';
import type { Value } from '../graph/value.js';
import { startsRare } from '../layers/class_prior.js';
import { convModule, convSchema, normSchema } from '../layers/conv_module.js';
import { defineDetectionHead } from '../registry/define.js';
import type { Pyramid } from '../registry/feature.js';

const schema = z.strictObject({
  num_classes: classCount,
  in_channels: channelCount.optional().describe('checked against the neck when given'),
  stacked_convs: layerCount.default(4),
  feat_channels: channelCount.default(256),
  anchor_generator: anchorGeneratorSchema.prefault({
    type: 'AnchorGenerator',
    octave_base_scale: 4,
    scales_per_octave: 3,
    ratios: [0.5, 1, 2],
    strides: [8, 16, 32, 64, 128],
  }),
  bbox_coder: boxCodecSchema.prefault({ type: 'DeltaXYWHBBoxCoder' }),
  loss_cls: z
    .looseObject({ use_sigmoid: z.boolean().default(false).describe('softmax with a background class when false') })
    .default({ use_sigmoid: true }),
  reg_decoded_bbox: z.boolean().optional().describe('concerns the loss alone'),
  conv_cfg: convSchema.default(null),
  norm_cfg: normSchema.default(null),
});
type RetinaHeadConfig = z.output<typeof schema>;

/** What is left out of a `test_cfg` is as mmdet reads it; without any, RetinaNet's published values stand. */
const testSchema = z
  .strictObject({
    nms_pre: z.int().default(-1).describe('candidates kept on each level; negative as in a Python slice'),
    score_thr: z.number().min(0).max(1).default(0),
    nms: nmsSchema.prefault({ type: 'nms', iou_threshold: 0.5 }),
    max_per_img: z.int().default(100),
    min_bbox_size: z.number().default(-1).describe('pixels of the original picture; -1 for no such filter'),
  })
  .prefault({ nms_pre: 1000, score_thr: 0.05, min_bbox_size: 0 });

export const retinaHead = defineDetectionHead({
  type: 'RetinaHead',
  schema,
  testSchema,
  trainingKeys: ['loss_bbox', 'train_cfg', 'test_cfg', 'init_cfg'],
  checkpoint: { classLayers: ['retina_cls'], initial: startsRare('retina_cls') },

  /** P_i [N, C, H/s_i, W/s_i] -> `cls<i>` [N, anchors * classes, …] before the sigmoid, `reg<i>` [N, anchors * 4, …]. */
  build(g, inputs, config) {
    checkInputs(inputs, config);
    const anchors = createAnchorGenerator(config.anchor_generator).anchorsPerPosition;
    // Tower by tower, so that the parameters stand in a state_dict's order.
    const scores = inputs.map(({ value }) => tower(g, 'cls_convs', value, config));
    const deltas = inputs.map(({ value }) => tower(g, 'reg_convs', value, config));
    const last =
      (scope: string, out: number) =>
      (value: Value, level: number): NamedValue => ({
        name: `${scope === 'retina_cls' ? 'cls' : 'reg'}${level}`,
        value: g.scope(scope).conv(value, { out, kernel: 3 }),
      });
    const channels = config.num_classes + (config.loss_cls.use_sigmoid ? 0 : 1);
    return [...scores.map(last('retina_cls', anchors * channels)), ...deltas.map(last('retina_reg', anchors * 4))];
  },
  numClasses: ({ num_classes }) => num_classes,

  decoder(config, test) {
    const levels = config.anchor_generator.strides.map((_, level) => level);
    const decoder = createRetinaDecoder({
      anchors: createAnchorGenerator(config.anchor_generator),
      codec: createBoxCodec(config.bbox_coder),
      numClasses: config.num_classes,
      useSigmoid: config.loss_cls.use_sigmoid,
      scoreThreshold: test.score_thr,
      nmsPre: test.nms_pre,
      minBoxSize: test.min_bbox_size,
      nms: test.nms,
      maxPerImage: test.max_per_img,
    });
    return (outputs, index, frame) => {
      const maps = levels.map((level) => ({
        scores: output(outputs, `cls${level}`),
        deltas: output(outputs, `reg${level}`),
      }));
      return decoder.decode(maps, frame, index);
    };
  },
});

function tower(g: GraphBuilder, name: 'cls_convs' | 'reg_convs', input: Value, config: RetinaHeadConfig): Value {
  const { stacked_convs, feat_channels: out, norm_cfg: norm } = config;
  let x = input;
  for (let i = 0; i < stacked_convs; i++) {
    x = convModule(g.scope(`${name}.${i}`), x, { out, kernel: 3, norm, activation: { type: 'ReLU' } });
  }
  return x;
}

function checkInputs(inputs: Pyramid, { in_channels, anchor_generator: { strides } }: RetinaHeadConfig): void {
  const channels = [...new Set(inputs.map(({ value }) => value.channels))];
  if (channels.length > 1) throw mismatch('in_channels', 'levels of equal channels', channels);
  if (in_channels !== undefined && in_channels !== channels[0]) {
    throw mismatch('in_channels', `${channels[0]}, the channels of the features that come in`, in_channels);
  }
  // A pair is [horizontal, vertical]; features here have one stride for both, so each number of a pair is checked.
  const given = strides.map((stride) => (typeof stride === 'number' ? [stride, stride] : [...stride]));
  const actual = inputs.map(({ stride }) => [Number(stride), Number(stride)]);
  if (given.join(';') !== actual.join(';')) {
    const expected = `[${inputs.map(({ stride }) => stride).join(', ')}], the strides of the features that come in`;
    throw mismatch('anchor_generator.strides', expected, strides);
  }
}

function output(outputs: Tensors, name: string): Tensor {
  const tensor = outputs[name];
  if (tensor === undefined) {
    throw new LowformerError({ code: 'engine-failure', where: 'RetinaHead', expected: `an output '${name}'` });
  }
  return tensor;
}

function mismatch(key: string, expected: string, received: unknown): LowformerError {
  return new LowformerError({ code: 'invalid-config', where: `RetinaHead.${key}`, expected, received });
}
