/** Pictures to results by several looks at each: test-time augmentation. Given an engine, never picking one; no Node API. */
import type { RgbImage } from '../core/frame.js';
import type { Result } from '../core/results.js';
import type { Tensor, Tensors } from '../core/tensor.js';
import { type MergeConfig, mergeBoxes } from '../decoding/merged_boxes.js';
import { type Batch, type PixelForm, paddingValue, toBatch } from '../images/batch.js';
import type { DecodedBoxes, DecodedLabels } from '../registry/define.js';
import { prepareFrame, type TestPipeline } from '../steps/pipeline.js';
import type { Views } from '../steps/views.js';
import type { ClassLabel } from './classes.js';
import type { Model } from './model.js';
import { isNan, named, type Predict, type PredictOptions, type Runner, timedRuns } from './network_runs.js';
import { detections, mirroredBack, segmentation } from './picture_results.js';
import { bandsOf, rowsAtOnce } from './sliding_labels.js';
import { type JoinedLogits, slidingPicture } from './sliding_logits.js';

/** Several looks at a picture, and how what they say becomes one. */
export interface Augmentation {
  readonly views: Views;
  /** Of a detector's boxes; a segmentor's probabilities are averaged. */
  readonly merge: MergeConfig;
}

export interface AugmentedPredictorParts extends Augmentation {
  readonly model: Exclude<Model, { task: 'classification' }>;
  readonly runner: Runner;
  readonly labels: readonly ClassLabel[];
  /** What the runner's network takes: `normalised` unless told otherwise. */
  readonly form?: PixelForm | undefined;
}

/**
 * Runs every picture through the network once a view. A detector runs a view of all pictures of a batch together, as mmdet
 * does, and merges the boxes of each picture; a segmentor takes a picture after the other.
 */
export function createAugmentedPredictor({
  model,
  runner,
  views,
  merge,
  labels,
  form,
}: AugmentedPredictorParts): Predict {
  return async (images, options = {}, names = []) => {
    const start = performance.now();
    const spent = { prepare: 0, network: 0, waiting: 0 };
    /** A view of some pictures, as the network takes it. @param of names of the pictures. */
    const prepared = (some: readonly RgbImage[], view: TestPipeline, of: readonly string[], divisor: number): Batch => {
      const began = performance.now();
      const frames = some.map((image, i) => {
        try {
          return prepareFrame(image, view);
        } catch (error) {
          throw named(error, of[i]);
        }
      });
      const batch = toBatch(frames, model.preprocessor, divisor, form);
      spent.prepare += performance.now() - began;
      return batch;
    };
    const timed = async <Value>(only: string | undefined, use: (run: Run) => Promise<Value>): Promise<Value> => {
      const runs = timedRuns(runner, options, only);
      const value = await use(runs.run);
      spent.network += runs.spent.network;
      spent.waiting += runs.spent.waiting;
      return value;
    };
    const results: Result[] = [];
    if (model.task === 'detection') {
      const found: DecodedBoxes[][] = images.map(() => []);
      const frames: Batch['transforms'][] = [];
      for (const view of images.length === 0 ? [] : views) {
        const { input, transforms } = prepared(images, view, names, model.sizeDivisor);
        const outputs = await timed(images.length === 1 ? names[0] : undefined, (run) => run(input));
        transforms.forEach((frame, i) => {
          try {
            found[i]?.push(mirroredBack(model.decode(outputs, i, frame), frame));
          } catch (error) {
            throw named(error, names[i]);
          }
        });
        frames.push(transforms);
      }
      frames[0]?.forEach((frame, i) => {
        results.push(detections(mergeBoxes(found[i] ?? [], merge), labels, frame));
      });
    } else {
      const divisor = model.windows === undefined ? model.sizeDivisor : 1;
      for (const [i, image] of images.entries()) {
        const name = names[i];
        const view = (pipeline: TestPipeline) => prepared([image], pipeline, name === undefined ? [] : [name], divisor);
        try {
          const map = await timed(name, (run) => averagedLabels(model, image, { views, view, run, options, form }));
          results.push(segmentation(map, labels));
        } catch (error) {
          // What the network's runs throw has its name already, where it is the picture's.
          throw isNan(error) ? named(error, name) : error;
        }
      }
    }
    const decode = performance.now() - start - spent.prepare - spent.waiting;
    options.onTiming?.({ pictures: images.length, prepare: spent.prepare, network: spent.network, decode });
    return results;
  };
}

type Run = (input: Tensor) => Promise<Tensors>;
type Segmentor = Extract<Model, { task: 'segmentation' }>;

interface LookingParts {
  readonly views: Views;
  readonly view: (pipeline: TestPipeline) => Batch;
  readonly run: Run;
  readonly options: PredictOptions;
  readonly form?: PixelForm | undefined;
}

/** Sums that are held at a time, 1 GB of float32: of a larger picture all looks are taken for one part after another. */
const SUMS_AT_ONCE = 2 ** 28;

/** The label map of a picture by all looks at it, each forgotten before the next. @param most sums at a time. */
export async function averagedLabels(
  model: Segmentor,
  { width, height }: RgbImage,
  { views, view, run, form, options: { signal } }: LookingParts,
  most = SUMS_AT_ONCE,
): Promise<DecodedLabels> {
  const classes = model.thresholded ? 1 : model.numClasses;
  const rowsOfPart = Math.max(1, Math.floor(most / (classes * width)));
  let whole: Uint8Array | Uint16Array | undefined;
  for (let start = 0; start < height; start += rowsOfPart) {
    const rows = { start, end: Math.min(start + rowsOfPart, height) };
    const looks = model.averageLooks(rows, width);
    for (const pipeline of views) {
      signal?.throwIfAborted();
      const { input, transforms } = view(pipeline);
      const [frame] = transforms;
      if (frame === undefined) throw new RangeError('no picture in a batch');
      await using seen = await logitsOf(model, input, run, { signal, form });
      await looks.add(seen.logits, frame, bandsOf(model, frame, rows, rowsAtOnce(frame, classes)), signal);
    }
    const { labels } = looks.labels();
    whole ??= labels instanceof Uint16Array ? new Uint16Array(width * height) : new Uint8Array(width * height);
    whole.set(labels, rows.start * width);
  }
  return { width, height, labels: whole ?? new Uint8Array(0) };
}

/** A view's logits, row by row: of the whole picture, or of windows that slide over it. */
async function logitsOf(
  model: Segmentor,
  input: Tensor,
  run: Run,
  { signal, form }: { readonly signal: AbortSignal | undefined; readonly form: PixelForm | undefined },
): Promise<{ readonly logits: JoinedLogits } & AsyncDisposable> {
  const { windows, sizeDivisor, preprocessor } = model;
  const [, , height = 0, width = 0] = input.shape;
  if (windows === undefined) {
    const outputs = await run(input);
    return {
      logits: (rows) => model.logits(outputs, 0, { width, height }, signal, rows),
      [Symbol.asyncDispose]: async () => {},
    };
  }
  const parts = { decoder: model, windows, run, sizeDivisor, signal };
  return slidingPicture(input, parts, paddingValue(preprocessor, form));
}
