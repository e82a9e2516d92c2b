import { isParted } from '../core/frame.js';
import { noteText } from '../core/notes.js';
import type { Result } from '../core/results.js';
import { AUTO, type ChosenEngine, chosenEngine } from '../engines/auto/choice.js';
import { createEngine, DEFAULT_ENGINE, onnxModel } from '../engines/index.js';
import { createAugmentedPredictor } from '../tasks/augmented_predictor.js';
import type { InputSizes } from '../tasks/deploy.js';
import { createPartedPredictor } from '../tasks/parted_predictor.js';
import { createPredictor, type Predict } from '../tasks/predictor.js';
import type { LoadReport } from '../weights/load_report.js';
import { augmentationOf } from './augmentation.js';
import { type ImageSource, loadImage, openImage, sourceName } from './image_source.js';
import { checkDenseBoxes, createModelEngine, engineOptions } from './model_engine.js';
import { openModelWeights } from './network_weights.js';
import { type OpenedConfig, predictionParts } from './open_config.js';
import type { LoadOptions } from './options.js';
import { pixelForm } from './pixel_form.js';
import { batchesOfSessions, type RunPicture } from './predict_many.js';
import { openQuantizedFile } from './quantized_file.js';
import { checkQuantizedOptions, isModelFile } from './quantized_model.js';
import { configFacts, type LargePictures, type RunningModel, runningModel } from './running_model.js';
import { notADetector, predictSlices } from './slices.js';

/** A network with its weights, ready for pictures. Dispose of it (`await using`) to free its thread and memory. */
export interface LoadedModel<R extends Result = Result> extends RunningModel<R, ImageSource> {}

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
  const { pipeline, labels } = predictionParts(opened, options.tta);
  const augmentation = options.tta === true ? augmentationOf(opened) : undefined;
  const say = options.onMessage ?? (() => {});
  for (const note of opened.notes) say(noteText(note));
  if (augmentation !== undefined) say(augmentation.message);
  const inputs: InputSizes =
    augmentation === undefined ? { kind: 'prepared', pipeline } : { kind: 'views', views: augmentation.views };
  const form = pixelForm(inputs, options.passes?.packedPixels);
  const labelled = options.passes?.labelMap === true;
  const { engine, report, close } = await startNetwork(opened, options, { inputs, say });
  const batchesAtOnce = batchesOfSessions(options.sessions ?? 1);
  const predictAny =
    augmentation === undefined
      ? createPredictor({ model, runner: engine, pipeline, labels, form, labelled, runsAtOnce: batchesAtOnce })
      : createAugmentedPredictor({ ...augmentation, runner: engine, labels, form });
  const isResult = (result: Result): result is R => result.kind === model.task;
  const run = async (...given: Parameters<Predict>): Promise<readonly R[]> =>
    (await predictAny(...given)).filter(isResult);
  const own = (result: Result | undefined): R => {
    if (result === undefined || !isResult(result)) throw new RangeError(`no result of ${model.task}`);
    return result;
  };
  const predictParted = createPartedPredictor({
    model,
    runner: engine,
    pipeline,
    labels,
    form,
    labelled,
    runsAtOnce: batchesAtOnce,
  });
  const whole: RunPicture<R> = async (picture, runOptions, name) =>
    own(
      isParted(picture)
        ? await predictParted(picture, runOptions, name)
        : (await run([picture], runOptions, [name]))[0],
    );
  const large: LargePictures<R> = {
    whole,
    sliced: async (picture, slices, runOptions, name) => {
      if (model.task !== 'detection') throw notADetector(model.task);
      return own(await predictSlices(picture, slices, { run, whole, batchesAtOnce }, runOptions, name));
    },
  };
  return runningModel<R, ImageSource>({
    facts: {
      ...configFacts(opened),
      ...(augmentation && { unused: augmentation.unused }),
      device: engine.device,
      engine: engine.choice,
      report,
    },
    run,
    pictures: { load: loadImage, open: openImage, nameOf: sourceName },
    batchesAtOnce,
    ...(augmentation === undefined ? { large } : {}),
    async dispose() {
      await engine[Symbol.asyncDispose]();
      close();
    },
  });
}

interface NetworkUse {
  readonly inputs: InputSizes;
  readonly say: (line: string) => void;
}

interface StartedNetwork {
  readonly engine: ChosenEngine;
  readonly report: LoadReport | undefined;
  /** To be called once the engine has ended. */
  readonly close: () => void;
}

/** A network in its engine: made of a checkpoint's weights, or a quantized model as it is. */
async function startNetwork(
  opened: OpenedConfig,
  options: LoadOptions,
  { inputs, say }: NetworkUse,
): Promise<StartedNetwork> {
  const { model, checkpoint } = opened;
  const { checkpointKey, allowMismatch = [], engine: name = DEFAULT_ENGINE } = options;
  checkDenseBoxes(model, options);
  if (checkpoint !== undefined && isModelFile(checkpoint)) {
    const { passes, precision } = options;
    const other = precision === 'float32' ? undefined : precision;
    checkQuantizedOptions({ checkpointKey, passes, allowMismatch, precision: other });
    const file = onnxModel(await openQuantizedFile(checkpoint, opened, inputs));
    // Engines round what is multiplied in bytes each in its own way: another one is not the same network.
    const runs = name === AUTO ? DEFAULT_ENGINE : name;
    if (name === AUTO) say(`engine: ${runs}: engines give other numbers for a quantized model, and none is measured`);
    const engine = await createEngine(runs, file, engineOptions(options, say));
    const choice =
      name === AUTO
        ? ({ by: 'exclusion', name: runs, passedOver: [] } as const)
        : ({ by: 'name', name: runs } as const);
    return { engine: chosenEngine(engine, choice), report: undefined, close: () => {} };
  }
  const weights = await openModelWeights(opened, { checkpointKey, allowMismatch }, say);
  // The checkpoint stays open as long as the model: an engine whose thread has died reads it again.
  const engine = await closedOnFailure(weights, () => createModelEngine({ model, weights, inputs, options, say }));
  return { engine, report: weights.report, close: () => weights[Symbol.dispose]() };
}

async function closedOnFailure<Result>(resource: Disposable, use: () => Promise<Result>): Promise<Result> {
  try {
    return await use();
  } catch (error) {
    resource[Symbol.dispose]();
    throw error;
  }
}
