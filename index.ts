/**
 * The library in Node: `import { loadDetector } from 'lowformer'`. All of `lowformer/core`, and what opens files and runs networks.
 *
 * @module lowformer
 */

export * from './engines/engines.js';
export type {
  AutoEngineOptions,
  AutoPart,
  ChosenEngine,
  Engine,
  EngineChoice,
  EngineDefinition,
  EngineModel,
  EngineOptions,
  EngineTimes,
  Installed,
  PassedOver,
  RunOptions,
} from './engines/index.js';
export { createEngine, defineEngine } from './engines/index.js';
export * from './entry/core.js';
export type { RawPixels } from './images/raw_pixels.js';
export { type BatchingOptions, batching } from './models/batching.js';
export type { ImageSource } from './models/image_source.js';
export {
  type LoadedModel,
  loadClassifier,
  loadDetector,
  loadModel,
  loadSegmentor,
} from './models/load_model.js';
export type { LoadOptions, PredictManyOptions, PredictOptions } from './models/options.js';
export type { Outcome } from './models/predict_many.js';
export type { SliceOptions } from './models/slices.js';
// `export *`, so that declaration merging reaches the tables' interfaces.
export type { CommandFlag } from './scoring/command_flag.js';
export * from './scoring/formats/define.js';
export type { FoundAnnotations } from './scoring/formats/found_annotations.js';
export * from './scoring/formats/index.js';
export * from './scoring/metrics/define.js';
export * from './scoring/metrics/index.js';
export type { Report } from './scoring/report.js';
export type { PlacedResults } from './scoring/results_by_picture.js';
export type { LabelRows } from './tasks/parted_predictor.js';
export type { VideoFrame } from './video/decode.js';
export { type FramesOptions, framesOf, type VideoFrames } from './video/frames.js';
export { predictNewest } from './video/newest.js';
export { type Checkpoint, openCheckpoint } from './weights/checkpoint.js';
export type { DownloadProgress } from './weights/download/download.js';
export {
  readSafetensors,
  type WritableArray,
  type WritableTensor,
  type WritableTensors,
  writeSafetensors,
} from './weights/safetensors.js';
