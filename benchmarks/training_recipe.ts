/** What is trained by both sides: a small detector from formula weights, on made-up boxes. */
import { z } from 'zod';

export const trainingRecipeSchema = z.object({
  model: z.record(z.string(), z.unknown()),
  /** Height and width. */
  size: z.tuple([z.int(), z.int()]),
  batch: z.int(),
  threads: z.int(),
  learning_rate: z.number(),
  /** Of each picture: x1, y1, x2, y2 of its objects, one after another. */
  boxes: z.array(z.array(z.number())),
  labels: z.array(z.array(z.int())),
});
export type TrainingRecipe = z.output<typeof trainingRecipeSchema>;

const widths = [12, 24, 48, 96, 160];
const model = {
  type: 'RetinaNet',
  backbone: { type: 'LowFormer', arch: 'custom', widths, depths: [0, 1, 1, 2, 2], flags: {} },
  neck: {
    type: 'FPN',
    in_channels: widths.slice(1),
    out_channels: 64,
    start_level: 1,
    add_extra_convs: 'on_input',
    num_outs: 5,
  },
  bbox_head: {
    type: 'RetinaHead',
    num_classes: 3,
    in_channels: 64,
    stacked_convs: 2,
    feat_channels: 64,
    anchor_generator: {
      type: 'AnchorGenerator',
      octave_base_scale: 4,
      scales_per_octave: 3,
      ratios: [0.5, 1, 2],
      strides: [8, 16, 32, 64, 128],
    },
    bbox_coder: { type: 'DeltaXYWHBBoxCoder', target_means: [0, 0, 0, 0], target_stds: [1, 1, 1, 1] },
    loss_cls: { type: 'FocalLoss', use_sigmoid: true, gamma: 2, alpha: 0.25, loss_weight: 1 },
    loss_bbox: { type: 'L1Loss', loss_weight: 1 },
  },
  train_cfg: {
    assigner: { type: 'MaxIoUAssigner', pos_iou_thr: 0.5, neg_iou_thr: 0.4, min_pos_iou: 0, ignore_iof_thr: -1 },
    sampler: { type: 'PseudoSampler' },
    allowed_border: -1,
    pos_weight: -1,
    debug: false,
  },
  test_cfg: {
    nms_pre: 1000,
    min_bbox_size: 0,
    score_thr: 0.05,
    nms: { type: 'nms', iou_threshold: 0.5 },
    max_per_img: 100,
  },
};

const OBJECTS = 12;

/** Six pictures of 320x416 with a dozen objects each. */
export function trainingRecipe(threads: number): TrainingRecipe {
  const size: [number, number] = [320, 416];
  const pictures = Array.from({ length: 6 }, (_, i) => i);
  const objects = Array.from({ length: OBJECTS }, (_, i) => i);
  return {
    model,
    size,
    batch: pictures.length,
    threads,
    learning_rate: 1e-4,
    boxes: pictures.map((p) =>
      objects.flatMap((i) => {
        const [x, y] = [(37 * i + 11 * p) % 340, (53 * i + 29 * p) % 250];
        return [x, y, x + 40 + (i % 3) * 20, y + 40 + (i % 4) * 10];
      }),
    ),
    labels: pictures.map(() => objects.map((i) => i % 3)),
  };
}
