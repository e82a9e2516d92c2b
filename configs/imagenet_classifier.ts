import type { BackboneConfig } from '../backbones/index.js';
import { imagenet } from '../data/classes/imagenet.js';
import type { ClassificationHeadConfig } from '../heads/index.js';
import type { ClassificationConfig } from '../tasks/config.js';
import { IMAGENET_NORMALISATION } from './imagenet_normalisation.js';

const { bgr_to_rgb: to_rgb, ...normalisation } = IMAGENET_NORMALISATION;

interface Evaluation {
  /** Side of the square in the centre that the network sees, in pixels. */
  readonly crop: number;
  /** The picture's short edge before that, in pixels. */
  readonly edge: number;
  readonly interpolation: 'bilinear' | 'bicubic';
}

/** A classifier of ImageNet-1K's classes; pictures resized by Pillow's rules, as its authors measure it. */
export const imagenetClassifier = (
  backbone: BackboneConfig,
  head: ClassificationHeadConfig,
  { crop, edge, interpolation }: Evaluation,
): ClassificationConfig => ({
  model: {
    type: 'ImageClassifier',
    data_preprocessor: { type: 'ClsDataPreprocessor', ...normalisation, to_rgb },
    backbone,
    head,
  },
  test_pipeline: [
    { type: 'LoadImageFromFile' },
    { type: 'ResizeEdge', scale: edge, edge: 'short', backend: 'pillow', interpolation },
    { type: 'CenterCrop', crop_size: crop },
    { type: 'PackInputs' },
  ],
  metainfo: imagenet,
});
