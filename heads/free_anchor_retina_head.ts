/**
 * FreeAnchor (Zhang, Wan, Liu, Ji, Ye, "FreeAnchor: Learning to Match Anchors for Visual Object Detection", NeurIPS 2019,
 * arXiv 1909.02466): another loss, and RetinaNet's head as it is once trained.
 */
import { retinaHeadNamed } from './retina_head.js';

export const freeAnchorRetinaHead = retinaHeadNamed('FreeAnchorRetinaHead', [
  'pre_anchor_topk',
  'bbox_thr',
  'gamma',
  'alpha',
]);
