/**
 * The official LowFormer classifiers, ImageNet-1K at 224x224 (crop ratio 0.95, bicubic by Pillow's rules). Top-1 as the
 * official repository reports it, in percent: B0 78.4, B1 79.9, B1.5 81.2, B3 83.6, E1 78.8, E2 81.6, E3 83.0.
 *
 * `lowformer classify lowformer-b1_in1k --checkpoint FILE pictures/`
 */
import type { ClassificationConfig } from '../tasks/config.js';
import { imagenetClassifier } from './imagenet_classifier.js';

/** The two widths of the official head: `narrow`, or `wide` (its flag `bighead`). */
const HEAD = { narrow: [1536, 1600], wide: [2304, 2560] } as const;

const classifier = (
  arch: 'b0' | 'b1' | 'b15' | 'b2' | 'b3' | 'E1' | 'E2' | 'E3',
  head: keyof typeof HEAD,
): ClassificationConfig =>
  imagenetClassifier(
    { type: 'LowFormer', arch },
    { type: 'LowFormerClsHead', num_classes: 1000, widths: HEAD[head] },
    { crop: 224, edge: 236, interpolation: 'bicubic' },
  );

export const lowformerIn1k = {
  'lowformer-b0_in1k': classifier('b0', 'narrow'),
  'lowformer-b1_in1k': classifier('b1', 'narrow'),
  'lowformer-b15_in1k': classifier('b15', 'wide'),
  'lowformer-b2_in1k': classifier('b2', 'wide'),
  'lowformer-b3_in1k': classifier('b3', 'narrow'),
  'lowformer-e1_in1k': classifier('E1', 'wide'),
  'lowformer-e2_in1k': classifier('E2', 'narrow'),
  'lowformer-e3_in1k': classifier('E3', 'narrow'),
} as const;
