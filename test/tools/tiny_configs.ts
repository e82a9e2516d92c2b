/** Configs of networks of a few thousand weights. */
export const WIDTHS = [4, 8, 8, 16, 16] as const;
const NORMALISATION = { mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375], bgr_to_rgb: true } as const;
const backbone = { type: 'LowFormer', arch: 'custom', widths: WIDTHS, depths: [0, 1, 1, 1, 1] };

/** Three classes with the dataset's own ids. */
export const detector = {
  model: {
    type: 'RetinaNet',
    data_preprocessor: { type: 'DetDataPreprocessor', ...NORMALISATION, pad_size_divisor: 32 },
    backbone,
    neck: { type: 'FPN', out_channels: 8, start_level: 1, add_extra_convs: 'on_input', num_outs: 5 },
    bbox_head: {
      type: 'RetinaHead',
      num_classes: 3,
      stacked_convs: 1,
      feat_channels: 8,
      loss_bbox: { type: 'L1Loss', loss_weight: 1 },
    },
    train_cfg: { allowed_border: -1 },
    test_cfg: { nms_pre: 200, score_thr: 0.05, nms: { type: 'nms', iou_threshold: 0.5 }, max_per_img: 20 },
  },
  test_pipeline: [
    { type: 'LoadImageFromFile' },
    { type: 'Resize', scale: [96, 64], keep_ratio: true },
    { type: 'PackDetInputs' },
  ],
  metainfo: { classes: ['disc', 'square', 'ring'], category_ids: [7, 3, 12] },
};

/** Four classes. Pictures are not padded. */
export const segmentor = {
  model: {
    type: 'EncoderDecoder',
    data_preprocessor: { type: 'SegDataPreProcessor', ...NORMALISATION },
    backbone,
    neck: { type: 'FPN', out_channels: 8, num_outs: 4 },
    decode_head: { type: 'FPNHead', in_index: [0, 1, 2, 3], channels: 8, num_classes: 4, norm_cfg: { type: 'BN' } },
    test_cfg: { mode: 'whole' },
  },
  test_pipeline: [
    { type: 'LoadImageFromFile' },
    { type: 'Resize', scale: [128, 48], keep_ratio: true },
    { type: 'PackSegInputs' },
  ],
  metainfo: { classes: ['ground', 'disc', 'square', 'ring'] },
};

/** Seven classes, so that the first five are a choice. */
export const classifier = {
  model: {
    type: 'ImageClassifier',
    data_preprocessor: { type: 'ClsDataPreprocessor', mean: NORMALISATION.mean, std: NORMALISATION.std, to_rgb: true },
    backbone,
    head: { type: 'LowFormerClsHead', num_classes: 7, widths: [16, 24] },
  },
  test_pipeline: [
    { type: 'LoadImageFromFile' },
    { type: 'ResizeEdge', scale: 68, edge: 'short', backend: 'pillow', interpolation: 'bicubic' },
    { type: 'CenterCrop', crop_size: 64 },
    { type: 'PackInputs' },
  ],
  metainfo: { classes: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] },
};

/** A config on a backbone that takes multiples of 32 alone, widths and all else as they are. */
export function onMultiplesOf32<Config extends { readonly model: object }>(config: Config) {
  const cpubone = { ...backbone, type: 'CPUBone' };
  return { ...config, model: { ...config.model, backbone: cpubone } };
}
