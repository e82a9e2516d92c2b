/**
 * Semantic FPN on LowFormer, ADE20K, 40,000 steps of 512x512 crops, as in the LowFormer paper's segmentation table
 * (arXiv 2409.03460, section 5). Pictures are resized into 2048x512 and not padded.
 *
 * The authors have published how their classifiers are trained, and not their segmentors: optimiser and schedule are those
 * of mmseg's Semantic FPN on PoolFormer, to which such backbones are compared.
 *
 * `lowformer train sem-fpn_lowformer-b1_40k_ade20k-512x512 --checkpoint CLASSIFIER --work-dir DIR`
 * `lowformer segment sem-fpn_lowformer-b1_40k_ade20k-512x512 --checkpoint FILE pictures/ --out labels/`
 */
import type { SegmentationConfig } from '../tasks/config.js';
import { semFpnAde20k } from './sem_fpn_ade20k.js';

const segmentor = (arch: 'b0' | 'b1' | 'b15' | 'b2' | 'b3' | 'E1' | 'E2' | 'E3'): SegmentationConfig =>
  semFpnAde20k({ type: 'LowFormer', arch });

export const semFpnLowformerAde20k = {
  'sem-fpn_lowformer-b0_40k_ade20k-512x512': segmentor('b0'),
  'sem-fpn_lowformer-b1_40k_ade20k-512x512': segmentor('b1'),
  'sem-fpn_lowformer-b15_40k_ade20k-512x512': segmentor('b15'),
  'sem-fpn_lowformer-b2_40k_ade20k-512x512': segmentor('b2'),
  'sem-fpn_lowformer-b3_40k_ade20k-512x512': segmentor('b3'),
  'sem-fpn_lowformer-e1_40k_ade20k-512x512': segmentor('E1'),
  'sem-fpn_lowformer-e2_40k_ade20k-512x512': segmentor('E2'),
  'sem-fpn_lowformer-e3_40k_ade20k-512x512': segmentor('E3'),
} as const;
