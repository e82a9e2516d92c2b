/** What a loaded network offers, wherever its pictures come from and wherever it runs. No Node API. */
import { LowformerError } from '../core/errors.js';
import type { Result } from '../core/results.js';
import type { EngineChoice } from '../engines/auto/choice.js';
import { countParameters } from '../graph/count.js';
import type { ConfigObject } from '../registry/config_tree.js';
import type { TaskKind } from '../registry/define_task.js';
import type { LoadReport } from '../weights/load_description.js';
import type { OpenedConfig } from './opened_config.js';
import type { Pictures } from './pictures.js';
import { batchesOfSessions, type Outcome, predictMany, type RunBatch } from './predict_many.js';
import {
  checkOptions,
  type PredictManyOptions,
  type PredictOptions,
  predictManySchema,
  predictSchema,
} from './predict_options.js';

/** What is known of a network that has been loaded. */
export interface ModelFacts {
  readonly task: TaskKind;
  readonly device: string;
  /** What runs it, by `engine.name`, and how that was chosen. */
  readonly engine: EngineChoice;
  /** Class names in the order of `classIndex`. */
  readonly classes: readonly string[];
  /** The config's `metainfo.palette`, [r, g, b] of each class; empty where it has none. */
  readonly palette: readonly (readonly number[])[];
  /** The dataset's own id of each class, where the config lists them; else counted from 1. */
  readonly categoryIds: readonly number[];
  /** Trainable values, as the config's network has them. */
  readonly parameters: number;
  /** The config that was loaded: bases, changes and the form of its checkpoint worked in. */
  readonly config: ConfigObject;
  /** How the checkpoint met the network. */
  readonly report: LoadReport | undefined;
  /** Config paths that were accepted and are not used: they concern training. */
  readonly unused: readonly string[];
}

/** A network with its weights, ready for pictures. Dispose of it (`await using`) to free its thread and memory. */
export interface RunningModel<R extends Result, Picture> extends ModelFacts, AsyncDisposable {
  /** @throws {LowformerError} `unreadable-image`; the signal's reason when aborted. */
  predict(source: Picture, options?: PredictOptions): Promise<R>;
  /** Pictures of any sizes in one batch; results in their order. */
  predictBatch(sources: readonly Picture[], options?: PredictOptions): Promise<readonly R[]>;
  /** As many pictures as there are: decoding overlaps the network, and a bad picture does not keep the others. */
  predictMany<Source extends Picture>(
    sources: Iterable<Source> | AsyncIterable<Source>,
    options?: PredictManyOptions,
  ): AsyncGenerator<Outcome<R, Source>, void, undefined>;
  /**
   * The same model, whose runs go through what `wrap` makes of them. Disposing of either disposes of both.
   * @param wrap is given how many batches keep the network busy: see `ModelParts`.
   */
  through(wrap: (run: RunBatch<R>, batchesAtOnce: number) => RunBatch<R>): RunningModel<R, Picture>;
  /** What `await using` calls at the end of its block: frees the thread and the memory. */
  dispose(): Promise<void>;
}

/** The facts that a config alone decides. */
export function configFacts({ model, labels = [], metaInfo, config, unused }: OpenedConfig) {
  return {
    task: model.task,
    classes: labels.map(({ category }) => category),
    categoryIds: labels.map(({ categoryId }) => Number(categoryId)),
    palette: metaInfo?.palette ?? [],
    parameters: countParameters(model.wholeGraph),
    config: config.value,
    unused,
  };
}

/** What a model is made of: facts, the way from decoded pictures to results, and the way to decoded pictures. */
export interface ModelParts<R extends Result, Picture> {
  readonly facts: ModelFacts;
  readonly run: RunBatch<R>;
  readonly pictures: Pictures<Picture>;
  /** Batches that keep the network busy: `batchesOfSessions` of one session unless told otherwise. */
  readonly batchesAtOnce?: number;
  readonly dispose: () => Promise<void>;
}

/** A model of its parts. */
export function runningModel<R extends Result, Picture>({
  facts,
  run,
  pictures,
  batchesAtOnce = batchesOfSessions(1),
  dispose,
}: ModelParts<R, Picture>): RunningModel<R, Picture> {
  const predictAll = async (
    sources: readonly Picture[],
    names: readonly string[],
    predictOptions: PredictOptions = {},
  ): Promise<readonly R[]> => {
    checkOptions(predictSchema, predictOptions);
    const { transfer, ...runOptions } = predictOptions;
    const loading = sources.map((source, i) => pictures.load(source, { name: names[i] ?? 'picture', transfer }));
    return run(await Promise.all(loading), runOptions, names);
  };
  return {
    ...facts,
    async predict(source, predictOptions) {
      const [result] = await predictAll([source], [pictures.nameOf(source)], predictOptions);
      if (result === undefined) throw new RangeError('no result');
      return result;
    },
    async predictBatch(sources, predictOptions) {
      if (!Array.isArray(sources)) throw noList(sources);
      const given: readonly Picture[] = sources;
      return predictAll(
        given,
        given.map((source, i) => pictures.nameOf(source, i)),
        predictOptions,
      );
    },
    predictMany(sources, manyOptions) {
      checkOptions(predictManySchema, manyOptions);
      return predictMany(sources, { run, pictures, batchesAtOnce }, manyOptions);
    },
    through: (wrap) => runningModel({ facts, run: wrap(run, batchesAtOnce), pictures, batchesAtOnce, dispose }),
    dispose,
    [Symbol.asyncDispose]: dispose,
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
