import { mmdetectionModels } from './mmdetection.js';
import { mmsegmentationModels } from './mmsegmentation.js';
import type { PublishedModel } from './published_model.js';
import { torchvisionModels } from './torchvision.js';

export type { PublishedCheckpoint, PublishedModel } from './published_model.js';

/** The trained models of other projects that this one runs, each with the address of its weights. */
export const publishedModels: readonly PublishedModel[] = [
  ...mmdetectionModels,
  ...mmsegmentationModels,
  ...torchvisionModels,
];

const BY_NAME: ReadonlyMap<string, PublishedModel> = new Map(publishedModels.map((model) => [model.name, model]));

/** The published model of that name, such as `retinanet_r50_fpn_1x_coco`; undefined where there is none. */
export function publishedModel(name: string): PublishedModel | undefined {
  return BY_NAME.get(name);
}
