/** The library: `import { loadModel } from 'lowformer'`. */
// For the schemas of modules of one's own: they must be of the package's own zod, and pnpm and Yarn's Plug'n'Play hand out
// only what a project names among its dependencies.
export { z } from 'zod';

// `export *`, so that declaration merging reaches the tables' interfaces through this module.
export * from './backbones/index.js';
export { SHIPPED_CONFIGS } from './configs/index.js';
export * from './core/brands.js';
export { type ErrorCode, LowformerError } from './core/errors.js';
export type { FrameTransform, RgbImage, Size } from './core/frame.js';
export type { Note } from './core/notes.js';
export type * from './core/results.js';
export { type Shape, type Tensor, type Tensors, tensor } from './core/tensor.js';
export type { MetaInfo } from './data/metainfo.js';
export { decodeClassification } from './decoding/classification.js';
export type { Engine, EngineModel, EngineOptions, RunOptions } from './engines/index.js';
export { createEngine } from './engines/index.js';
export { type ConvOptions, type GraphBuilder, type GraphRoot, graphBuilder } from './graph/builder.js';
export { countByModule, countMacs, countParameters, hasWeight } from './graph/count.js';
export type { Graph, NamedValue, Network, ParameterSource } from './graph/graph.js';
export type { Precision } from './graph/onnx/precision.js';
export { type OnnxFile, type OnnxOptions, writeOnnx } from './graph/onnx/write.js';
export { optimise, specialise } from './graph/passes/index.js';
export type { Value } from './graph/value.js';
export * from './heads/index.js';
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
export * from './necks/index.js';
export * from './registry/define.js';
export * from './registry/define_step.js';
export type { TaskKind } from './registry/define_task.js';
export type { Feature, Pyramid } from './registry/feature.js';
export type { ModuleTable } from './registry/table.js';
export * from './steps/index.js';
export { buildModel } from './tasks/build_model.js';
export type { ClassificationConfig, DetectionConfig, LowformerConfig, SegmentationConfig } from './tasks/config.js';
export { TASKS } from './tasks/index.js';
export type { Model } from './tasks/model.js';
export type { StageTiming } from './tasks/predictor.js';
export { type Checkpoint, openCheckpoint } from './weights/checkpoint.js';
export type { LoadReport, Mismatch } from './weights/load_description.js';
export {
  readSafetensors,
  type WritableArray,
  type WritableTensor,
  type WritableTensors,
  writeSafetensors,
} from './weights/safetensors.js';
