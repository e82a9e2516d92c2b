/**
 * PISA (Cao, Chen, Loy, Lin, "Prime Sample Attention in Object Detection", CVPR 2020, arXiv 1904.04821): examples weighted
 * otherwise in training, and RetinaNet's head as it is once trained.
 */
import { retinaHeadNamed } from './retina_head.js';

export const pisaRetinaHead = retinaHeadNamed('PISARetinaHead', []);
