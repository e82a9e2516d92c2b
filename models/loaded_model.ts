import { LowformerError } from '../core/errors.js';
import { noteText } from '../core/notes.js';
import type { Result } from '../core/results.js';
import { createEngine, type EngineOptions } from '../engines/index.js';
import type { TaskKind } from '../registry/define_task.js';
import { deploy } from '../tasks/deploy.js';
import { createPredictor, type Predict } from '../tasks/predictor.js';
import type { LoadReport } from '../weights/load_report.js';
import { type ImageSource, loadImage, sourceName } from './image_source.js';
import { openModelWeights } from './network_weights.js';
import { type OpenedConfig, predictionParts } from './open_config.js';
import {
  checkOptions,
  type LoadOptions,
  type PredictManyOptions,
  type PredictOptions,
  predictManySchema,
  predictSchema,
} from './options.js';
import { type Outcome, predictMany } from './predict_many.js';

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
 * Loads the weights of a config that is open already, in the form of its checkpoint (`openConfigFor`), and starts an
 * engine. `R` is of the model's own task.
 * @throws {LowformerError} for a checkpoint or device that is not right: each says what to do.
 */
export async function loadOpened<R extends Result>(
  opened: OpenedConfig,
  options: LoadOptions,
): Promise<LoadedModel<R>> {
  const { model } = opened;
  const { pipeline, labels } = predictionParts(opened);
  const say = options.onMessage ?? (() => {});
  for (const note of opened.notes) say(noteText(note));
  const weights = await openModelWeights(opened, options, say);
  // The checkpoint stays open as long as the model: an engine whose thread has died reads it again.
  const engine = await closedOnFailure(weights, () => {
    const network = deploy(model, weights.parameters, { inputs: { kind: 'prepared', pipeline } });
    return createEngine(options.engine ?? 'onnxruntime', network, engineOptions(options, say));
  });
  const predictAny = createPredictor({ model, runner: engine, pipeline, labels });
  const isResult = (result: Result): result is R => result.kind === model.task;
  const run = async (...given: Parameters<Predict>): Promise<readonly R[]> =>
    (await predictAny(...given)).filter(isResult);
  const predictAll = async (
    sources: readonly ImageSource[],
    names: readonly string[],
    predictOptions: PredictOptions = {},
  ): Promise<readonly R[]> => {
    checkOptions(predictSchema, predictOptions);
    const { transfer, ...runOptions } = predictOptions;
    const loading = sources.map((source, i) => loadImage(source, { name: names[i] ?? 'picture', transfer }));
    return run(await Promise.all(loading), runOptions, names);
  };

  return {
    task: model.task,
    device: engine.device,
    classes: labels.map(({ category }) => category),
    palette: opened.metaInfo?.palette ?? [],
    report: weights.report,
    unused: opened.unused,
    async predict(source, predictOptions) {
      const [result] = await predictAll([source], [sourceName(source)], predictOptions);
      if (result === undefined) throw new RangeError('no result');
      return result;
    },
    async predictBatch(sources, predictOptions) {
      if (!Array.isArray(sources)) throw noList(sources);
      const pictures: readonly ImageSource[] = sources;
      return predictAll(
        pictures,
        pictures.map((source, i) => sourceName(source, i)),
        predictOptions,
      );
    },
    predictMany(sources, manyOptions) {
      checkOptions(predictManySchema, manyOptions);
      return predictMany(sources, run, manyOptions);
    },
    async [Symbol.asyncDispose]() {
      await engine[Symbol.asyncDispose]();
      weights[Symbol.dispose]();
    },
  };
}

function noList(received: unknown): LowformerError {
  const expected = 'an array of pictures';
  const hint = 'For one picture call predict, for a list that is still coming predictMany.';
  return new LowformerError({
    code: 'invalid-argument',
    where: 'sources',
    expected,
    received: received === undefined ? 'undefined' : received,
    hint,
  });
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
