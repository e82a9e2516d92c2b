/** A network validated by the way that `evaluate` goes: the engine, the config's pipeline, the toolkit's own figures. */
import { LowformerError } from '../../core/errors.js';
import { collectNotes, type Notes } from '../../core/notes.js';
import type { Tensors } from '../../core/tensor.js';
import type { DetectionDataset, SegmentationDataset } from '../../data/dataset.js';
import { createEngine, DEFAULT_ENGINE, type EngineName, type EngineOptions } from '../../engines/index.js';
import type { ParameterSource } from '../../graph/graph.js';
import { deployedPasses } from '../../models/deployed_passes.js';
import { loadImage, sourceName } from '../../models/image_source.js';
import { type OpenedConfig, predictionParts } from '../../models/open_config.js';
import { predictMany } from '../../models/predict_many.js';
import type { TestPipeline } from '../../steps/pipeline.js';
import { deploy } from '../../tasks/deploy.js';
import { createPredictor } from '../../tasks/predictor.js';
import { detectionTruth } from './detection_truth.js';
import type { ParsedEvaluator } from './evaluators/index.js';
import { segmentationTruth } from './segmentation_truth.js';
import type { Validate, ValidationWatcher } from './validation.js';

/** The data set and what is measured on it, of one task. */
export type ValidationData =
  | {
      readonly task: 'detection';
      readonly dataset: DetectionDataset;
      readonly evaluators: readonly ParsedEvaluator<'detection'>[];
    }
  | {
      readonly task: 'segmentation';
      readonly dataset: SegmentationDataset;
      readonly evaluators: readonly ParsedEvaluator<'segmentation'>[];
    };

export interface ValidationOptions {
  /** Of the model that is trained. */
  readonly opened: OpenedConfig;
  readonly data: ValidationData;
  /** How pictures are prepared; by default as for inference. */
  readonly pipeline?: TestPipeline | undefined;
  /** Pictures in one run of the network; 1 by default. */
  readonly batchSize?: number | undefined;
  readonly engine?: EngineName | undefined;
  /** Device and threads; the processor by default. */
  readonly running?: Omit<EngineOptions, 'signal'> | undefined;
  readonly watcher?: ValidationWatcher | undefined;
  /** Gets what is odd about the data set. */
  readonly notes?: Notes | undefined;
}

/**
 * Checks the validation set before the first step, and gives what validates.
 * @throws {LowformerError} for classes that are not the config's, pictures that are missing or of another size than
 *   annotated, label maps with values out of range; for a config without `test_pipeline` or class names; without a picture.
 */
export async function openValidation(options: ValidationOptions): Promise<Validate> {
  const { opened, data, batchSize = 1, engine = DEFAULT_ENGINE, running = { device: 'cpu' }, watcher } = options;
  const { model } = opened;
  const parts = predictionParts(opened);
  const { pipeline = parts.pipeline } = options;
  const classes = {
    classes: parts.labels.map(({ category }) => category),
    category_ids: opened.metaInfo?.category_ids,
  };
  if (data.dataset.samples.length === 0) throw noPicture(data.dataset.name);
  const notes = options.notes ?? collectNotes();
  const truth =
    data.task === 'detection'
      ? await detectionTruth(data, classes, notes)
      : await segmentationTruth(data, { ...classes, numClasses: model.numClasses });
  return async (weights, at, signal) => {
    const doubts = collectNotes();
    const counted = truth.begin(doubts);
    const passes = deployedPasses(engine, running.device, running);
    const network = deploy(model, parametersOf(weights), { inputs: { kind: 'prepared', pipeline }, passes });
    await using runner = await createEngine(engine, network, {
      ...running,
      ...(signal === undefined ? {} : { signal }),
    });
    const run = createPredictor({ model, runner, pipeline, labels: parts.labels });
    function* sources() {
      for (const [position, file] of truth.files.entries()) {
        counted.expect?.(position);
        yield file;
      }
    }
    const way = { run, pictures: { load: loadImage, nameOf: sourceName } };
    const outcomes = predictMany(sources(), way, { batchSize, ...(signal === undefined ? {} : { signal }) });
    watcher?.started?.(at, truth.files.length);
    for await (const outcome of outcomes) {
      signal?.throwIfAborted();
      if (!outcome.ok) throw outcome.error;
      const { index: position, source: file, image, result } = outcome;
      await counted.add(position, result);
      if (result.kind !== 'classification' && image !== undefined)
        await watcher?.picture?.({ position, file, image, result });
    }
    return { metrics: counted.metrics(), notes: doubts.list() };
  };
}

function parametersOf(weights: Tensors): ParameterSource {
  return (name) => {
    const found = Object.hasOwn(weights, name) ? weights[name] : undefined;
    if (found !== undefined) return found;
    const expected = 'a parameter among the weights';
    throw new LowformerError({ code: 'invalid-argument', where: 'weights', expected, received: name });
  };
}

function noPicture(where: string): LowformerError {
  const expected = 'a picture to validate on';
  return new LowformerError({ code: 'invalid-argument', where, expected, received: 0 });
}
