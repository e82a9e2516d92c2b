import { LowformerError } from '../../core/errors.js';
import type { RgbImage } from '../../core/frame.js';
import type { Classification, Detections, Result, SegmentationMap } from '../../core/results.js';
import { createEngine, type EngineOptions } from '../../engines/index.js';
import type { Precision } from '../../graph/onnx/emitter.js';
import { optimise, specialise } from '../../graph/passes/index.js';
import type { TaskKind } from '../../registry/define_task.js';
import type { LowformerConfig } from '../../tasks/config.js';
import { createPredictor, type PredictOptions } from '../../tasks/predictor.js';
import { sizeDivisor } from '../../tasks/size_divisor.js';
import type { LoadReport } from '../../weights/load_report.js';
import { openConfigFor } from './checkpoint_form.js';
import { type ImageSource, loadImage } from './image_source.js';
import { openModelWeights, requireWeights } from './network_weights.js';
import { predictionParts } from './open_config.js';
import { type Outcome, type PredictManyOptions, predictMany } from './predict_many.js';

export interface LoadOptions {
  /** `.pth`, `.pt` or `.safetensors`; by default the config's `load_from`. */
  readonly checkpoint?: string;
  /** Parts of the network that the checkpoint need not fill: `['neck', 'bbox_head']`. */
  readonly allowMismatch?: readonly string[];
  /** Changes to the config: `['model.test_cfg.score_thr=0.3']`. */
  readonly cfgOptions?: readonly string[];
  /** `cpu` (the default), `webgpu`, `cuda`, `tensorrt`, `coreml`, `dml`. */
  readonly device?: string;
  /** `onnxruntime` (the default) or `tfjs`. */
  readonly engine?: string;
  /** Threads of the network; by default the cores that this process may use. */
  readonly threads?: number;
  /** `float32` (the default) or `float16`, which most graphics processors run faster. */
  readonly precision?: Precision;
  /** bfloat16 products on ARM64 processors that have such instructions: faster, less exact. An error elsewhere. */
  readonly fastMath?: boolean;
  /** Predictions that may wait for the network, 1024 unless told otherwise; one more is the error `too-many-calls`. */
  readonly maxWaitingCalls?: number;
  readonly signal?: AbortSignal;
  /** Told line by line what was loaded and what was not, and later when the network had to be loaded again. */
  readonly onMessage?: (line: string) => void;
}

/** A network with its weights, ready for pictures. Dispose of it (`await using`) to free its thread and memory. */
export interface LoadedModel<R extends Result = Result> extends AsyncDisposable {
  readonly task: TaskKind;
  readonly device: string;
  /** Class names in the order of `classIndex`. */
  readonly classes: readonly string[];
  /** The config's `metainfo.palette`, [r, g, b] of each class; empty where it has none. */
  readonly palette: readonly (readonly number[])[];
  /** How the checkpoint met the network. */
  readonly report: LoadReport | undefined;
  /** Config paths that were accepted and are not used: they concern training. */
  readonly unused: readonly string[];
  /** @throws {LowformerError} `unreadable-image`; the signal's reason when aborted. */
  predict(source: ImageSource, options?: PredictOptions): Promise<R>;
  /** Pictures of any sizes in one batch; results in their order. */
  predictBatch(sources: readonly ImageSource[], options?: PredictOptions): Promise<readonly R[]>;
  /** As many pictures as there are: decoding overlaps the network, and a bad picture does not keep the others. */
  predictMany<Source extends ImageSource>(
    sources: Iterable<Source> | AsyncIterable<Source>,
    options?: PredictManyOptions,
  ): AsyncGenerator<Outcome<R, Source>, void, undefined>;
}

/**
 * Builds the network of a config, loads its weights, and starts an engine. `loadDetector`, `loadSegmentor` and
 * `loadClassifier` do the same and type the results.
 * @param config a file (`.ts .js .json .yaml`), the name of a shipped config, or a config as an object.
 * @throws {LowformerError} for a config, checkpoint or device that is not right: each says what to do.
 */
export function loadModel(config: string | LowformerConfig, options: LoadOptions = {}): Promise<LoadedModel> {
  return load(config, options, undefined);
}

/** A model for detection. @throws {LowformerError} also when the config is for another task. */
export function loadDetector(
  config: string | LowformerConfig,
  options: LoadOptions = {},
): Promise<LoadedModel<Detections>> {
  return load<Detections>(config, options, 'detection');
}

/** A model for semantic segmentation. @throws {LowformerError} also when the config is for another task. */
export function loadSegmentor(
  config: string | LowformerConfig,
  options: LoadOptions = {},
): Promise<LoadedModel<SegmentationMap>> {
  return load<SegmentationMap>(config, options, 'segmentation');
}

/** A model for classification. @throws {LowformerError} also when the config is for another task. */
export function loadClassifier(
  config: string | LowformerConfig,
  options: LoadOptions = {},
): Promise<LoadedModel<Classification>> {
  return load<Classification>(config, options, 'classification');
}

async function load<R extends Result>(
  config: string | LowformerConfig,
  options: LoadOptions,
  task: R['kind'] | undefined,
): Promise<LoadedModel<R>> {
  const opened = await openConfigFor(options.checkpoint, config, options.cfgOptions);
  const { model } = opened;
  if (task !== undefined && model.task !== task) {
    throw new LowformerError({
      code: 'invalid-config',
      where: 'model.type',
      expected: `a model for ${task}`,
      received: model.type,
      hint: `The config is for ${model.task}.`,
    });
  }
  const { pipeline, labels } = predictionParts(opened);
  requireWeights(opened, options.checkpoint);
  const say = options.onMessage ?? (() => {});
  const weights = await openModelWeights(opened, options, say);
  const divisor = sizeDivisor(pipeline, model.preprocessor, model.sizeDivisor);
  // The checkpoint stays open as long as the model: an engine whose thread has died reads it again.
  const engine = await closedOnFailure(weights, () => {
    const network = optimise({ graph: model.graph, parameters: weights.parameters });
    const special = divisor > 1 ? specialise(network, divisor) : network;
    return createEngine(options.engine ?? 'onnxruntime', special, engineOptions(options, say));
  });
  const predictAny = createPredictor({ model, runner: engine, pipeline, labels });
  const isResult = (result: Result): result is R => result.kind === model.task;
  const run = async (images: readonly RgbImage[], predictOptions?: PredictOptions): Promise<readonly R[]> =>
    (await predictAny(images, predictOptions)).filter(isResult);

  return {
    task: model.task,
    device: engine.device,
    classes: labels.map(({ category }) => category),
    palette: opened.metaInfo?.palette ?? [],
    report: weights.report,
    unused: opened.unused,
    async predict(source, predictOptions) {
      const [result] = await run([await loadImage(source)], predictOptions);
      if (result === undefined) throw new RangeError('no result');
      return result;
    },
    predictBatch: async (sources, predictOptions) => run(await Promise.all(sources.map(loadImage)), predictOptions),
    predictMany: (sources, manyOptions) => predictMany(sources, run, manyOptions),
    async [Symbol.asyncDispose]() {
      await engine[Symbol.asyncDispose]();
      weights[Symbol.dispose]();
    },
  };
}

async function closedOnFailure<Result>(resource: Disposable, use: () => Promise<Result>): Promise<Result> {
  try {
    return await use();
  } catch (error) {
    resource[Symbol.dispose]();
    throw error;
  }
}

function engineOptions(options: LoadOptions, say: (line: string) => void): EngineOptions {
  const { device = 'cpu', threads, precision, fastMath, maxWaitingCalls, signal } = options;
  return {
    device,
    ...(threads === undefined ? {} : { threads }),
    ...(precision === undefined ? {} : { precision }),
    ...(fastMath === undefined ? {} : { fastMath }),
    ...(maxWaitingCalls === undefined ? {} : { maxWaitingCalls }),
    ...(signal === undefined ? {} : { signal }),
    onRestart: ({ message }) => say(`the network is loaded again: ${message}`),
  };
}
