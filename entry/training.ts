/**
 * `lowformer/training`: networks trained from a config and the data that it names, in Node: a stream of events that can be
 * stopped and gone on with; optimisers, schedules and averages of weights of one's own.
 *
 * @module lowformer/training
 */
export { type ErrorCode, type ErrorParts, LowformerError } from '../core/errors.js';
export type { RgbImage } from '../core/frame.js';
export { type Note, noteText } from '../core/notes.js';
export type { Detections, SegmentationMap } from '../core/results.js';
export type { Shape, Tensor, Tensors } from '../core/tensor.js';
export type { EngineName } from '../engines/engines.js';
export type { CheckedPart, PartDefinition, PartTable } from '../registry/part_schema.js';
export type { ModuleTable } from '../registry/table.js';
export type { LowformerConfig } from '../tasks/config.js';
// `export *`, so that declaration merging reaches the tables' interfaces through this module.
export * from '../training/averaging/averages.js';
export { readTrainingEvents, type TrainingEvent, type TrainingEventOf } from '../training/events.js';
export {
  type AnnotatedFolder,
  type ConfigFromPictures,
  configFromPictures,
  type FromPictures,
  type FromPicturesOptions,
} from '../training/from_pictures/config_from_pictures.js';
export { type MeasuredBatch, measureStep, type StepEngine } from '../training/from_pictures/measured_step.js';
export type { TrainingPlan } from '../training/from_pictures/training_length.js';
export type { LearningRate } from '../training/optim_wrapper/learning_rate.js';
export * from '../training/optimisers/index.js';
export { defineOptimiser, type UpdateRule } from '../training/optimisers/update_rule.js';
export { readTrainingRecipe, type TrainingKeys, type TrainingRecipe } from '../training/recipe/recipe.js';
export * from '../training/schedules/index.js';
export { defineSchedule, type Schedule, type Scheduled, type Span, spanKeys } from '../training/schedules/schedule.js';
export { type TrainingConfig, type TrainOptions, train } from '../training/train.js';
export type { TrainingTime, ValidatedPicture, ValidationWatcher } from '../training/validation/validation.js';
