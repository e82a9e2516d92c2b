/** What a loaded network offers, wherever its pictures come from and wherever it runs. No Node API. */
import { LowformerError } from '../core/errors.js';
import { isParted, type Picture } from '../core/frame.js';
import type { Result } from '../core/results.js';
import type { EngineChoice } from '../engines/auto/choice.js';
import { countParameters } from '../graph/count.js';
import { MAX_PIXELS } from '../images/pixels.js';
import type { ConfigObject } from '../registry/config_tree.js';
import type { TaskKind } from '../registry/define_task.js';
import type { PartedOptions } from '../tasks/parted_predictor.js';
import type { LoadReport } from '../weights/load_description.js';
import type { OpenedConfig } from './opened_config.js';
import type { Pictures } from './pictures.js';
import {
  batchesOfSessions,
  type Outcome,
  predictMany,
  predictOne,
  type RunBatch,
  type RunPicture,
} from './predict_many.js';
import {
  checkOptions,
  type PredictManyOptions,
  type PredictOptions,
  predictManySchema,
  predictSchema,
} from './predict_options.js';
import type { SliceOptions } from './slices.js';

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
export interface RunningModel<R extends Result, Source> extends ModelFacts, AsyncDisposable {
  /** @throws {LowformerError} `unreadable-image`; the signal's reason when aborted. */
  predict(source: Source, options?: PredictOptions): Promise<R>;
  /** Pictures of any sizes in one batch; results in their order. */
  predictBatch(sources: readonly Source[], options?: PredictOptions): Promise<readonly R[]>;
  /** As many pictures as there are: decoding overlaps the network, and a bad picture does not keep the others. */
  predictMany<Given extends Source>(
    sources: Iterable<Given> | AsyncIterable<Given>,
    options?: PredictManyOptions,
  ): AsyncGenerator<Outcome<R, Given>, void, undefined>;
  /**
   * The same model, whose runs go through what `wrap` makes of them. Disposing of either disposes of both.
   * @param wrap is given how many batches keep the network busy: see `ModelParts`.
   */
  through(wrap: (run: RunBatch<R>, batchesAtOnce: number) => RunBatch<R>): RunningModel<R, Source>;
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
export interface ModelParts<R extends Result, Source> {
  readonly facts: ModelFacts;
  readonly run: RunBatch<R>;
  readonly pictures: Pictures<Source>;
  /** For pictures that are too large to be held; absent where each is held. */
  readonly large?: LargePictures<R>;
  /** Batches that keep the network busy: `batchesOfSessions` of one session unless told otherwise. */
  readonly batchesAtOnce?: number;
  readonly dispose: () => Promise<void>;
}

/** What a model does with pictures that are too large to be held. */
export interface LargePictures<R extends Result> {
  /** A picture at any size, whole. */
  readonly whole: (picture: Picture, options: PartedOptions, name: string) => Promise<R>;
  /** A picture in windows. @throws {LowformerError} `invalid-argument` unless it is a detector. */
  readonly sliced: (picture: Picture, slices: SliceOptions, options: PartedOptions, name: string) => Promise<R>;
}

/** How one picture after another is predicted that may be large; undefined where batches of held ones are wanted. */
function onePicture<R extends Result>(
  { facts: { task }, large }: { readonly facts: ModelFacts; readonly large: LargePictures<R> | undefined },
  { slices, onLabels }: Pick<PredictManyOptions, 'slices' | 'onLabels'>,
  batchSize?: number,
): RunPicture<R> | undefined {
  if (onLabels !== undefined && task !== 'segmentation') {
    const expected = 'a segmentor, whose label maps it gets,';
    throw new LowformerError({ code: 'invalid-argument', where: 'onLabels', expected, received: task });
  }
  if (large === undefined) {
    if (slices === undefined && onLabels === undefined) return undefined;
    const where = slices === undefined ? 'onLabels' : 'slices';
    const expected = 'no such option with test-time augmentation, or in a browser,';
    throw new LowformerError({ code: 'invalid-argument', where, expected, received: slices ?? 'a function' });
  }
  if (slices !== undefined) {
    const windows = batchSize === undefined ? slices : { batchSize, ...slices };
    return (picture, options, name) => large.sliced(picture, windows, options, name);
  }
  if (onLabels === undefined) return undefined;
  return (picture, options, name) => large.whole(picture, { ...options, onLabels }, name);
}

/** A model of its parts. */
export function runningModel<R extends Result, Source>({
  facts,
  run,
  pictures,
  large,
  batchesAtOnce = batchesOfSessions(1),
  dispose,
}: ModelParts<R, Source>): RunningModel<R, Source> {
  const predictAll = async (
    sources: readonly Source[],
    names: readonly string[],
    predictOptions: PredictOptions = {},
  ): Promise<readonly R[]> => {
    checkOptions(predictSchema, predictOptions);
    const { transfer, maxPixels = MAX_PIXELS, slices, onLabels, ...runOptions } = predictOptions;
    const one = onePicture({ facts, large }, predictOptions) ?? (sources.length === 1 ? large?.whole : undefined);
    const given = (i: number) => ({ name: names[i] ?? 'picture', transfer, maxPixels });
    if (one === undefined) {
      const loading = sources.map((source, i) => pictures.load(source, given(i)));
      return run(await Promise.all(loading), runOptions, names);
    }
    const results: R[] = [];
    for (const [i, source] of sources.entries()) {
      const picture = await (pictures.open ?? pictures.load)(source, given(i));
      results.push(await predictOne(picture, one, runOptions, given(i).name));
    }
    return results;
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
      const given: readonly Source[] = sources;
      return predictAll(
        given,
        given.map((source, i) => pictures.nameOf(source, i)),
        predictOptions,
      );
    },
    predictMany(sources, manyOptions = {}) {
      checkOptions(predictManySchema, manyOptions);
      const { slices, onLabels, ...options } = manyOptions;
      const one = onePicture({ facts, large }, manyOptions, options.batchSize);
      if (one === undefined) return predictMany(sources, { run, pictures, batchesAtOnce }, options);
      // Pictures that are held are run in batches, their label maps held as well.
      if (slices === undefined) return predictMany(sources, { run, pictures, parted: one, batchesAtOnce }, options);
      // The windows of one picture keep the network busy; of the next no more than its pixels is read meanwhile.
      return predictMany(sources, { run, pictures, one, batchesAtOnce: 1 }, { ...options, batchSize: 1 });
    },
    through(wrap) {
      const wrapped = wrap(run, batchesAtOnce);
      const whole: RunPicture<R> = async (picture, options, name) => {
        const [result] = isParted(picture)
          ? [await large?.whole(picture, options, name)]
          : await wrapped([picture], options, [name]);
        if (result === undefined) throw new RangeError('no result');
        return result;
      };
      const parts = { facts, run: wrapped, pictures, batchesAtOnce, dispose };
      return runningModel(large === undefined ? parts : { ...parts, large: { ...large, whole } });
    },
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
