/**
 * ConvNeXt (arXiv 2201.03545) and ConvNeXt V2 (arXiv 2301.00808): ImageNet classifiers at 224x224, and with them as
 * backbones RetinaNet on COCO and Semantic FPN on ADE20K, as LowFormer's are. Pictures as the authors evaluate them: crop
 * ratio 0.875, bicubic. Top-1 as the authors report it, in percent: tiny 82.1, small 83.1, base 83.8; V2 atto 76.7, nano
 * 81.9, tiny 83.0, base 84.9. Atto and nano of the first version are timm's own.
 *
 * `lowformer classify convnext-tiny_in1k --checkpoint FILE pictures/`
 */
import type { ClassificationConfig, DetectionConfig, SegmentationConfig } from '../tasks/config.js';
import { imagenetClassifier } from './imagenet_classifier.js';
import { retinanetFpnCoco } from './retinanet_fpn_coco.js';
import { semFpnAde20k } from './sem_fpn_ade20k.js';

type Arch = 'atto' | 'nano' | 'tiny' | 'small' | 'base' | 'v2_atto' | 'v2_nano' | 'v2_tiny' | 'v2_base';

const classifier = (arch: Arch): ClassificationConfig =>
  imagenetClassifier(
    { type: 'ConvNeXt', arch },
    { type: 'ConvNeXtClsHead', num_classes: 1000 },
    { crop: 224, edge: 256, interpolation: 'bicubic' },
  );
const detector = (arch: Arch): DetectionConfig => retinanetFpnCoco({ type: 'ConvNeXt', arch });
const segmentor = (arch: Arch): SegmentationConfig => semFpnAde20k({ type: 'ConvNeXt', arch });

export const convnextConfigs = {
  'convnext-atto_in1k': classifier('atto'),
  'convnext-nano_in1k': classifier('nano'),
  'convnext-tiny_in1k': classifier('tiny'),
  'convnext-small_in1k': classifier('small'),
  'convnext-base_in1k': classifier('base'),
  'convnextv2-atto_in1k': classifier('v2_atto'),
  'convnextv2-nano_in1k': classifier('v2_nano'),
  'convnextv2-tiny_in1k': classifier('v2_tiny'),
  'convnextv2-base_in1k': classifier('v2_base'),
  'retinanet_convnext-atto_fpn_1x_coco': detector('atto'),
  'retinanet_convnext-nano_fpn_1x_coco': detector('nano'),
  'retinanet_convnext-tiny_fpn_1x_coco': detector('tiny'),
  'retinanet_convnext-small_fpn_1x_coco': detector('small'),
  'retinanet_convnext-base_fpn_1x_coco': detector('base'),
  'retinanet_convnextv2-atto_fpn_1x_coco': detector('v2_atto'),
  'retinanet_convnextv2-nano_fpn_1x_coco': detector('v2_nano'),
  'retinanet_convnextv2-tiny_fpn_1x_coco': detector('v2_tiny'),
  'retinanet_convnextv2-base_fpn_1x_coco': detector('v2_base'),
  'sem-fpn_convnext-atto_40k_ade20k-512x512': segmentor('atto'),
  'sem-fpn_convnext-nano_40k_ade20k-512x512': segmentor('nano'),
  'sem-fpn_convnext-tiny_40k_ade20k-512x512': segmentor('tiny'),
  'sem-fpn_convnext-small_40k_ade20k-512x512': segmentor('small'),
  'sem-fpn_convnext-base_40k_ade20k-512x512': segmentor('base'),
  'sem-fpn_convnextv2-atto_40k_ade20k-512x512': segmentor('v2_atto'),
  'sem-fpn_convnextv2-nano_40k_ade20k-512x512': segmentor('v2_nano'),
  'sem-fpn_convnextv2-tiny_40k_ade20k-512x512': segmentor('v2_tiny'),
  'sem-fpn_convnextv2-base_40k_ade20k-512x512': segmentor('v2_base'),
} as const;
