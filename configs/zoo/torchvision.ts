/** torchvision's published RetinaNets, as the docstrings of 0.16 describe them. */
import type { PublishedModel } from './published_model.js';

const published = <const Name extends string>(
  name: Name,
  boxAp: number,
  parameters: number,
  sha256: string,
): PublishedModel & { readonly name: Name } => ({
  name,
  source: 'torchvision',
  task: 'detection',
  method: 'RetinaNet',
  backbone: 'ResNet-50',
  dataset: 'COCO',
  accuracy: { metric: 'box AP', value: boxAp },
  parameters,
  licence: 'BSD-3-Clause',
  checkpoint: { address: `https://download.pytorch.org/models/${name}_coco-${sha256}.pth`, sha256 },
});

export const torchvisionModels = [
  /** With the scales and shifts of its frozen norms, which torchvision does not count (34,014,999). */
  published('retinanet_resnet50_fpn', 36.4, 34_068_119, 'eeacb38b'),
  published('retinanet_resnet50_fpn_v2', 41.5, 38_198_935, '5905b1c5'),
] as const;
