/**
 * `lowformer/core`: networks without a runtime and without Node's modules. Configs, the tables of backbones, necks, heads,
 * pipeline steps and tasks, building, weights, deploying, writing ONNX, and what lies before and behind a run on any engine.
 *
 * @module lowformer/core
 */
// For the schemas of modules of one's own: they must be of the package's own zod, and pnpm and Yarn's Plug'n'Play hand out
// only what a project names among its dependencies.
export { z } from 'zod';

// `export *`, so that declaration merging reaches the tables' interfaces through this module.
export * from '../backbones/index.js';
export { SHIPPED_CONFIGS } from '../configs/index.js';
export * from '../core/brands.js';
export { type ErrorCode, type ErrorParts, LowformerError } from '../core/errors.js';
export type { FlipDirection, FrameTransform, LabelMap, RgbImage, Size } from '../core/frame.js';
export { collectNotes, type Note, type Notes, noteText } from '../core/notes.js';
export type * from '../core/results.js';
export { type Shape, type Tensor, type Tensors, tensor } from '../core/tensor.js';
export type { MetaInfo } from '../data/metainfo.js';
export * from '../decoding/box_coders.js';
export { decodeClassification } from '../decoding/classification.js';
export { createDenseDecoder, type DenseDecoder, type DenseHeadParts } from '../decoding/dense_decoder.js';
export { type DenseTestConfig, denseTestSchema } from '../decoding/dense_test_cfg.js';
export * from '../decoding/prior_generators.js';
export { decodeLabels, enlargeLogits, type SegmentationDecodeOptions } from '../decoding/segmentation.js';
export { createSegmentationDecoder, type SegmentationHeadParts } from '../decoding/segmentation_decoder.js';
export { type SegmentationTest, segmentationTestSchema } from '../decoding/segmentation_test_cfg.js';
export * from '../decoding/suppressions.js';
export type { BoxCoder, DecodeOptions } from '../geometry/box_coder.js';
export { type BoxMerging, mergeScoredBoxes, type ScoredBoxes } from '../geometry/box_merging.js';
export type { PriorGenerator, PriorKind } from '../geometry/priors.js';
export type { Kept, Suppression } from '../geometry/suppression.js';
export { overlappingWindows, type Windows } from '../geometry/windows.js';
export { type ConvOptions, type GraphBuilder, type GraphRoot, graphBuilder } from '../graph/builder.js';
export { countByModule, countMacs, countParameters, hasWeight, type ModuleCost } from '../graph/count.js';
export type {
  AnyNode,
  Graph,
  GraphInput,
  GraphNode,
  NamedValue,
  Network,
  ParameterSource,
} from '../graph/graph.js';
export type { Precision } from '../graph/onnx/precision.js';
export { type OnnxFile, type OnnxOptions, writeOnnx } from '../graph/onnx/write.js';
export { optimise, type Pass, type RunPassesOptions, type Step, specialise } from '../graph/passes/index.js';
export type { Parameter, Value } from '../graph/value.js';
export { type AnyHeadLosses, HEAD_LOSSES } from '../heads/head_losses.js';
export * from '../heads/index.js';
export { type CropOptions, cropSample } from '../images/crop_sample.js';
export { type PadOptions, padSample } from '../images/pad_sample.js';
export type { NormalisedImage, Pixels } from '../images/pixels.js';
export {
  type Interpolation,
  OPENCV_BILINEAR,
  type Resampling,
  type ResizeOptions,
  resizeSample,
} from '../images/resize_sample.js';
export type { AnnotatedObjects, Annotations, Frame, Sample } from '../images/sample.js';
export { eightBitPixels } from '../images/step_order.js';
export * from '../losses/index.js';
export { defineLoss, type Loss, type LossInputs, type LossTarget, type LossUse } from '../losses/loss.js';
export {
  type FitOptions,
  fitWeights,
  initialWeights,
  type NetworkWeights,
  type UnfilledNetwork,
} from '../models/fitted_weights.js';
export { type GivenConfigOptions, openGivenConfig } from '../models/given_configs.js';
export { type OpenedConfig, type PretrainedBackbone, predictionParts } from '../models/opened_config.js';
export * from '../necks/index.js';
export type { Config, ConfigObject, ConfigValue } from '../registry/config_tree.js';
export * from '../registry/define.js';
export {
  type DetectionTruth,
  defineLosses,
  type HeadLosses,
  type LossesDefinition,
  type SegmentationTruth,
} from '../registry/define_losses.js';
export * from '../registry/define_step.js';
export type { TaskDefinition, TaskKind } from '../registry/define_task.js';
export type { Feature, Pyramid } from '../registry/feature.js';
export { type CheckedPart, createPart, type PartDefinition, type PartTable } from '../registry/part_schema.js';
export type { ModuleTable } from '../registry/table.js';
export * from '../steps/index.js';
export { type PipelineStep, prepareFrame, type TestPipeline, testPipelineSchema } from '../steps/pipeline.js';
export type { Assigner, ObjectBoxes } from '../targets/assigner.js';
export * from '../targets/index.js';
export { buildLosses, type ModelLosses } from '../tasks/build_losses.js';
export { buildModel } from '../tasks/build_model.js';
export type { ClassLabel } from '../tasks/classes.js';
export type {
  ClassificationConfig,
  ClassifierConfig,
  DetectionConfig,
  DetectorConfig,
  LowformerConfig,
  SegmentationConfig,
  SegmentorConfig,
} from '../tasks/config.js';
export { type DeployedOutputs, deploy, type InputSizes, type Use } from '../tasks/deploy.js';
export { TASKS } from '../tasks/index.js';
export type { Model, NamedFeature } from '../tasks/model.js';
export {
  createPredictor,
  type Predict,
  type PredictorParts,
  type Runner,
  type StageTiming,
} from '../tasks/predictor.js';
export { type ByteSource, bytesInMemory } from '../weights/byte_source.js';
export { type CheckpointContent, type CheckpointMeta, readCheckpoint } from '../weights/checkpoint_content.js';
export { describeLoad, type LoadReport, type Mismatch } from '../weights/load_description.js';
