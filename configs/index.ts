import type { ClassificationConfig, DetectionConfig, SegmentationConfig } from '../tasks/config.js';
import { convnextConfigs } from './convnext.js';
import { cpuboneConfigs } from './cpubone.js';
import { denseFpnCoco } from './dense_fpn_coco.js';
import { efficientvitConfigs } from './efficientvit.js';
import { fastvitConfigs } from './fastvit.js';
import { fatConfigs } from './fat.js';
import { lowformerIn1k } from './lowformer_in1k.js';
import { lowformerScenes } from './lowformer_scenes.js';
import { mobileoneConfigs } from './mobileone.js';
import { resnetConfigs } from './resnet.js';
import { retinanetLowformerCoco } from './retinanet_lowformer_coco.js';
import { semFpnLowformerAde20k } from './sem_fpn_lowformer_ade20k.js';
import { torchvisionRetinanet } from './torchvision_retinanet.js';
import { mmdetectionConfigs } from './zoo/retinanet.js';
import { mmsegmentationConfigs } from './zoo/semantic_fpn.js';

/**
 * The configs that ship with the package, by name: `<method>_<backbone>_<schedule>_<dataset>`. Those that others have
 * published weights for stand in `zoo/` and have their publishers' names.
 */
export const SHIPPED_CONFIGS = {
  ...retinanetLowformerCoco,
  ...semFpnLowformerAde20k,
  ...lowformerIn1k,
  ...lowformerScenes,
  ...convnextConfigs,
  ...cpuboneConfigs,
  ...efficientvitConfigs,
  ...fastvitConfigs,
  ...fatConfigs,
  ...mobileoneConfigs,
  ...resnetConfigs,
  ...denseFpnCoco,
  ...mmdetectionConfigs,
  ...mmsegmentationConfigs,
  ...torchvisionRetinanet,
} as const satisfies Readonly<Record<string, ClassificationConfig | DetectionConfig | SegmentationConfig>>;
