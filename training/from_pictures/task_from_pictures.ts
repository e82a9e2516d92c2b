import type { Size } from '../../core/frame.js';
import type { DetectionConfig, SegmentationConfig } from '../../tasks/config.js';
import type { TrainingKeys } from '../recipe/recipe.js';
import type { TrainingPlan } from './training_length.js';

/** A config that trains and validates. */
export type ConfigFromPictures = (DetectionConfig | SegmentationConfig) &
  TrainingKeys & {
    readonly train_pipeline: readonly { readonly type: string }[];
    readonly train_dataloader: object;
    readonly val_dataloader: object;
    readonly val_evaluator: object;
    readonly val_cfg: object;
  };

/** What one task makes of its pictures; the rest is the same. */
export interface TaskFromPictures {
  /** Pictures that are trained on. */
  readonly pictures: number;
  /** The network's input. */
  readonly size: Size;
  readonly told: readonly string[];
  config(plan: TrainingPlan, batchSize: number, workers: number): ConfigFromPictures;
}
