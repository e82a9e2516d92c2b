/**
 * RetinaNet's head (arXiv 1708.02002, section 4) as torchvision 0.16 has it: mmdet's two towers under other names, and
 * results by rules of its own. Its classifier has a channel for the background, the first, and for whatever numbers the
 * classes of the data set leave out.
 */
import { z } from 'zod';
import { channelCount, classCount } from '../core/bounded_numbers.js';
import type { NameRule } from '../core/checkpoint_facts.js';
import type { FrameTransform } from '../core/frame.js';
import type { Tensors } from '../core/tensor.js';
import { BOX_CODERS, boxCoderSchema } from '../decoding/box_coders.js';
import type { ClassScores } from '../decoding/candidate_choice.js';
import { createDenseDecoder } from '../decoding/dense_decoder.js';
import { denseTestSchema } from '../decoding/dense_test_cfg.js';
import { PRIOR_GENERATORS, priorGeneratorSchema } from '../decoding/prior_generators.js';
import { startsRare } from '../layers/class_prior.js';
import { normSchema } from '../layers/conv_module.js';
import { DENSE_HEAD_START } from '../layers/dense_head.js';
import { type DecodedBoxes, defineDetectionHead } from '../registry/define.js';
import { createPart } from '../registry/part_schema.js';
import { retinaOutputs } from './retina_head.js';

const f32 = Math.fround;
const TYPE = 'TorchvisionRetinaHead';

/** Of `_default_anchorgen`: a third of an octave apart, rounded down. */
const SIZES = [32, 64, 128, 256, 512].map((size) => [0, 1, 2].map((third) => Math.floor(size * 2 ** (third / 3))));

const schema = z
  .strictObject({
    num_classes: classCount.describe("torchvision's: with the background, and with numbers that no class has"),
    class_labels: z
      .array(z.int().min(1))
      .min(1)
      .readonly()
      .optional()
      .describe('the number of each class among them, in the order of metainfo.classes; 1 and on unless given'),
    in_channels: channelCount.optional().describe('checked against the neck when given'),
    norm_cfg: normSchema.default(null),
    anchor_generator: priorGeneratorSchema.prefault({
      type: 'TorchvisionAnchorGenerator',
      strides: [8, 16, 32, 64, 128],
      sizes: SIZES,
      aspect_ratios: [0.5, 1, 2],
    }),
    bbox_coder: boxCoderSchema.prefault({ type: 'TorchvisionBoxCoder' }),
  })
  .refine(({ num_classes, class_labels }) => num_classes > 1 || class_labels !== undefined, {
    error: 'expected two or more: the background is the first',
    path: ['num_classes'],
  })
  .refine(({ num_classes, class_labels = [] }) => class_labels.every((label) => label < num_classes), {
    error: 'expected numbers less than num_classes',
    path: ['class_labels'],
  })
  .refine(({ class_labels = [] }) => new Set(class_labels).size === class_labels.length, {
    error: 'expected each number once',
    path: ['class_labels'],
  });
type HeadConfig = z.output<typeof schema>;

/** Before 0.13 a tower's convolutions had the places 0, 2, 4 and 6, with a ReLU after each. */
const towers = [
  ['classification_head', 'cls_convs'],
  ['regression_head', 'reg_convs'],
].flatMap(([theirs, ours]): readonly NameRule[] => [
  ...[0, 1, 2, 3].map((i) => ({
    pattern: new RegExp(`^${theirs}\\.conv\\.${2 * i}\\.(?=weight|bias)`),
    replacement: `${ours}.${i}.conv.`,
  })),
  { pattern: new RegExp(`^${theirs}\\.conv\\.(\\d+)\\.0\\.`), replacement: `${ours}.$1.conv.` },
  { pattern: new RegExp(`^${theirs}\\.conv\\.(\\d+)\\.1\\.`), replacement: `${ours}.$1.gn.` },
]);

export const torchvisionRetinaHead = defineDetectionHead({
  type: TYPE,
  schema,
  /** torchvision's `topk_candidates`, `score_thresh`, `nms_thresh` and `detections_per_img`, by OpenMMLab's names. */
  testSchema: denseTestSchema.prefault({
    nms_pre: 1000,
    score_thr: 0.05,
    nms: { type: 'torchvision_nms', iou_threshold: 0.5 },
    max_per_img: 300,
  }),
  checkpoint: {
    places: ['head.'],
    names: [
      ...towers,
      { pattern: /^classification_head\.cls_logits\./, replacement: 'retina_cls.' },
      { pattern: /^regression_head\.bbox_reg\./, replacement: 'retina_reg.' },
    ],
    classLayers: ['retina_cls'],
    initial: startsRare('retina_cls'),
    initCfg: () => DENSE_HEAD_START,
  },

  /** P_i [N, C, H/s_i, W/s_i] -> `cls<i>` [N, anchors * num_classes, …] before the sigmoid, `reg<i>` [N, anchors * 4, …]. */
  build(g, inputs, config) {
    const tower = { ...config, stacked_convs: 4, feat_channels: inputs[0].value.channels };
    return retinaOutputs(g, TYPE, inputs, tower, config.num_classes);
  },
  numClasses: (config) => classLabels(config).length,

  decoder(config, test) {
    const decode = createDenseDecoder(
      {
        head: TYPE,
        priors: createPart(PRIOR_GENERATORS, config.anchor_generator),
        coder: createPart(BOX_CODERS, config.bbox_coder),
        scores: scoresOf(config),
      },
      test,
    );
    const classOf = new Map(classLabels(config).map((label, index) => [label, index]));
    // Boxes suppress one another in pixels of the resized picture, before they become the original's.
    const { candidatePixels, candidateRows } = decode;
    const inOriginal = (outputs: Tensors, index: number, frame: FrameTransform): DecodedBoxes =>
      toOriginal(ofClasses(decode(outputs, index, { ...frame, scaleX: 1, scaleY: 1 }), classOf), frame);
    return Object.assign(inOriginal, { candidatePixels, ...(candidateRows && { candidateRows }) });
  },
});

function scoresOf({ num_classes: classes }: HeadConfig): ClassScores {
  return { classes, activation: 'sigmoid' };
}

function classLabels({ num_classes, class_labels }: HeadConfig): readonly number[] {
  return class_labels ?? Array.from({ length: num_classes - 1 }, (_, i) => i + 1);
}

/** The boxes of classes. Those of other numbers had their part in every limit before, as they have in torchvision. */
function ofClasses({ boxes, scores, labels }: DecodedBoxes, classOf: ReadonlyMap<number, number>): DecodedBoxes {
  const kept = [...labels.keys()].filter((i) => classOf.has(labels[i] ?? 0));
  return {
    boxes: Float32Array.from(kept.flatMap((i) => [...boxes.subarray(4 * i, 4 * i + 4)])),
    scores: Float32Array.from(kept, (i) => scores[i] ?? 0),
    labels: Int32Array.from(kept, (i) => classOf.get(labels[i] ?? 0) ?? 0),
  };
}

/** From pixels of the resized picture to the original's, by the float32 ratio of their sides. */
function toOriginal(decoded: DecodedBoxes, { original, resized }: FrameTransform): DecodedBoxes {
  const [x, y] = [f32(original.width / resized.width), f32(original.height / resized.height)];
  return { ...decoded, boxes: decoded.boxes.map((value, i) => value * (i % 2 === 0 ? x : y)) };
}
