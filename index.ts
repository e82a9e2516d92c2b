/** The library in Node: `import { loadDetector } from 'lowformer'`. All of `lowformer/core`, and what opens files and runs networks. */

export * from './engines/engines.js';
export type {
  Engine,
  EngineDefinition,
  EngineModel,
  EngineOptions,
  RunOptions,
} from './engines/index.js';
export { createEngine, defineEngine } from './engines/index.js';
export * from './entry/core.js';
export type { RawPixels } from './images/raw_pixels.js';
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
export { type Checkpoint, openCheckpoint } from './weights/checkpoint.js';
export {
  readSafetensors,
  type WritableArray,
  type WritableTensor,
  type WritableTensors,
  writeSafetensors,
} from './weights/safetensors.js';
