/**
 * mmdetection's published RetinaNets as configs, under the names of its own:
 * `lowformer detect retinanet_r50_fpn_1x_coco pictures/`
 */
import { recordOf } from '../../core/record_of.js';
import { coco } from '../../data/classes/coco.js';
import { objects365v1, objects365v2 } from '../../data/classes/objects365.js';
import { openImages } from '../../data/classes/open_images.js';
import type { DetectionConfig } from '../../tasks/config.js';
import { RETINANET_FPN, type RetinaNetForm, retinanetFpn } from '../retinanet_fpn.js';
import { ZOO_BACKBONES } from './backbones.js';
import { mmdetectionModels } from './mmdetection.js';

type Model = (typeof mmdetectionModels)[number];

/** GHM is another loss, and nothing besides. */
const METHODS: Readonly<Record<Model['method'], Partial<RetinaNetForm>>> = {
  RetinaNet: {},
  GHM: {},
  FreeAnchor: { head: 'FreeAnchorRetinaHead', stds: [0.1, 0.1, 0.2, 0.2] },
  PISA: { head: 'PISARetinaHead' },
  'Libra RetinaNet': { neck: [RETINANET_FPN, { type: 'BFP', refine_level: 1, refine_type: 'non_local' }] },
};
const DATASETS: Readonly<Record<Model['dataset'], Partial<RetinaNetForm>>> = {
  COCO: { metainfo: coco },
  'Objects365 v1': { metainfo: objects365v1 },
  'Objects365 v2': { metainfo: objects365v2 },
  'Open Images v6': { metainfo: openImages, scale: [1024, 800] },
};

const BGR_MEAN: [number, number, number] = [103.53, 116.28, 123.675];

/** Backbones that came from detectron2 and caffe take blue first; caffe's scale nothing. */
function normalisation(backbone: Model['backbone']): RetinaNetForm['normalisation'] {
  if (backbone.endsWith('(caffe)')) return { mean: BGR_MEAN, std: [1, 1, 1], bgr_to_rgb: false };
  if (backbone.startsWith('RegNetX')) return { mean: BGR_MEAN, std: [57.375, 57.12, 58.395], bgr_to_rgb: false };
  return undefined;
}

const config = ({ backbone, method, dataset }: Model): DetectionConfig => {
  const colours = normalisation(backbone);
  return retinanetFpn({
    backbone: ZOO_BACKBONES[backbone],
    ...(colours && { normalisation: colours }),
    ...METHODS[method],
    ...DATASETS[dataset],
  });
};

export const mmdetectionConfigs = recordOf(mmdetectionModels.map((model) => [model.name, config(model)]));
