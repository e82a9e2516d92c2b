/** A config that uses it. It is a program, so the command line can open it too: npx lowformer inspect config.ts */
import './mlp_head.js';
import type { ClassificationConfig } from 'lowformer';

export default {
  model: {
    type: 'ImageClassifier',
    data_preprocessor: { type: 'ClsDataPreprocessor', mean: [127.5], std: [127.5], to_rgb: true },
    backbone: { type: 'LowFormer', arch: 'b0' },
    head: { type: 'MlpHead', num_classes: 3, hidden: 64 },
  },
  test_pipeline: [
    { type: 'ResizeEdge', scale: 256, edge: 'short' },
    { type: 'CenterCrop', crop_size: 224 },
  ],
  metainfo: { classes: ['cat', 'dog', 'neither'] },
} satisfies ClassificationConfig;
