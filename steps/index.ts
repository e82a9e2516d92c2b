import type { z } from 'zod';
import type { ModuleConfig } from '../registry/config_types.js';
import type { StepDefinition } from '../registry/define_step.js';
import { type ModuleTable, moduleTable } from '../registry/table.js';
import { centreCrop } from './centre_crop.js';
import { fixScaleResize } from './fix_scale_resize.js';
import { generalizedRcnnTransform } from './generalized_rcnn_transform.js';
import { loadAnnotations, loadImageFromFile } from './load.js';
import { normalize } from './normalize.js';
import { packDetInputs, packInputs, packSegInputs } from './pack.js';
import { pad } from './pad.js';
import { randomFlip } from './random_flip.js';
import { resize } from './resize.js';
import { resizeEdge } from './resize_edge.js';
import { resizeShortestEdge } from './resize_shortest_edge.js';
import { resizeToMultiple } from './resize_to_multiple.js';

/** One line each; no import for its side effect. */
const own = {
  LoadImageFromFile: loadImageFromFile,
  LoadAnnotations: loadAnnotations,
  Resize: resize,
  ResizeToMultiple: resizeToMultiple,
  ResizeEdge: resizeEdge,
  ResizeShortestEdge: resizeShortestEdge,
  FixScaleResize: fixScaleResize,
  RandomFlip: randomFlip,
  CenterCrop: centreCrop,
  Pad: pad,
  Normalize: normalize,
  GeneralizedRCNNTransform: generalizedRcnnTransform,
  PackDetInputs: packDetInputs,
  PackSegInputs: packSegInputs,
  PackInputs: packInputs,
} as const;
type OwnSteps = typeof own;

/**
 * Every step that a pipeline may have, for the types of configs. A third party's step joins by declaration merging:
 * `declare module 'lowformer' { interface RegisteredSteps { readonly MyStep: typeof myStep } }`.
 */
export interface RegisteredSteps extends OwnSteps {}

export type StepConfig = ModuleConfig<RegisteredSteps>;

/** A step of any type, its config not yet checked. */
export type AnyStep = StepDefinition<string, z.ZodObject>;

export const STEPS: ModuleTable<AnyStep> = moduleTable('step', own);
