/** Pictures to results: prepare, run, decode. Given an engine, never picking one; no Node API. */
import { LowformerError } from '../core/errors.js';
import type { FrameTransform, RgbImage } from '../core/frame.js';
import type { Box, Classification, Detections, Result, SegmentationMap } from '../core/results.js';
import type { Tensor, Tensors } from '../core/tensor.js';
import { paddingValue, toBatch } from '../images/batch.js';
import type { Frame } from '../images/sample.js';
import type { DecodedBoxes, DecodedLabels } from '../registry/define.js';
import { prepareFrame, type TestPipeline } from '../steps/pipeline.js';
import type { ClassLabel } from './classes.js';
import type { Model } from './model.js';
import { labelsOfRows } from './sliding_labels.js';
import { slidingLogits } from './sliding_logits.js';

/** What runs the network: an `Engine` is one. */
export interface Runner {
  run(
    inputs: Tensors,
    options?: { readonly signal?: AbortSignal; readonly onRun?: (milliseconds: number) => void },
  ): Promise<Tensors>;
}

export interface PredictOptions {
  readonly signal?: AbortSignal;
  /** Called once a batch, when its results are there. */
  readonly onTiming?: (timing: StageTiming) => void;
}

/** Milliseconds of a batch by stage. */
export interface StageTiming {
  readonly pictures: number;
  /** Resize, pad, normalise. */
  readonly prepare: number;
  /** By itself where the engine tells, else with the time in its queue. */
  readonly network: number;
  readonly decode: number;
}

/**
 * Runs pictures of any sizes; results in their order.
 * @param names what errors call the pictures; where there are none, an error that is a picture's does not name it.
 * @throws {LowformerError} for a picture that cannot be prepared, `not-a-number` for one that the network gave NaN for,
 *   and what the runner throws.
 */
export type Predict = (
  images: readonly RgbImage[],
  options?: PredictOptions,
  names?: readonly string[],
) => Promise<readonly Result[]>;

export interface PredictorParts {
  readonly model: Model;
  readonly runner: Runner;
  readonly pipeline: TestPipeline;
  readonly labels: readonly ClassLabel[];
}

/**
 * A detector pads a batch to its largest picture, as mmdet does; segmentors and classifiers run pictures of one size
 * together and others after one another, and a picture that windows slide over by itself. Whatever the network's
 * `sizeDivisor` adds, decoding leaves out again.
 */
export function createPredictor({ model, runner, pipeline, labels }: PredictorParts): Predict {
  return async (images, options = {}, names = []) => {
    const prepareStart = performance.now();
    const frames = images.map((image, i) => {
      try {
        return prepareFrame(image, pipeline);
      } catch (error) {
        throw named(error, names[i]);
      }
    });
    let prepare = performance.now() - prepareStart;
    const results: Result[] = new Array(frames.length);
    const slide = slidingOver(model);
    for (const group of groupsOf(model, frames)) {
      const members = group.flatMap((i) => frames[i] ?? []);
      if (members.length === 0) continue;
      const batchStart = performance.now();
      const { input, transforms } = toBatch(members, model.preprocessor, slide === undefined ? model.sizeDivisor : 1);
      const runStart = performance.now();
      prepare += runStart - batchStart;
      const only = group.length === 1 ? names[group[0] ?? -1] : undefined;
      const { run, spent } = timedRuns(runner, options, only);
      const outputs = slide === undefined ? await run(input) : {};
      for (const [place, i] of group.entries()) {
        const transform = transforms[place];
        if (transform === undefined) continue;
        try {
          results[i] =
            slide === undefined
              ? await decode(model, labels, outputs, place, transform, options.signal)
              : segmentation(await slide(input, transform, run, options.signal), labels);
        } catch (error) {
          // What the network's runs throw has its name already, where it is the picture's.
          throw slide === undefined || isNan(error) ? named(error, names[i]) : error;
        }
      }
      const decoding = performance.now() - runStart - spent.waiting;
      options.onTiming?.({ pictures: group.length, prepare, network: spent.network, decode: decoding });
      prepare = 0;
    }
    return results;
  };
}

/** Runs of the network, timed: by itself where the engine tells, and the whole time that was waited for it. */
function timedRuns(runner: Runner, options: PredictOptions, name: string | undefined) {
  const spent = { network: 0, waiting: 0 };
  const run = async (input: Tensor): Promise<Tensors> => {
    const start = performance.now();
    let alone: number | undefined;
    const onRun = (milliseconds: number) => {
      alone = milliseconds;
    };
    const outputs = await runner.run({ input }, { ...signalOf(options), onRun }).catch((error: unknown) => {
      throw error instanceof LowformerError && error.code === 'out-of-memory' ? named(error, name) : error;
    });
    const waiting = performance.now() - start;
    spent.waiting += waiting;
    spent.network += alone ?? waiting;
    return outputs;
  };
  return { run, spent };
}

type Slide = (
  picture: Tensor,
  frame: FrameTransform,
  run: (input: Tensor) => Promise<Tensors>,
  signal: AbortSignal | undefined,
) => Promise<DecodedLabels>;

/** The label map of a picture that goes through the network window by window; undefined where pictures go whole. */
function slidingOver(model: Model): Slide | undefined {
  if (model.task !== 'segmentation' || model.windows === undefined) return undefined;
  const { windows, sizeDivisor, preprocessor } = model;
  const classes = model.thresholded ? 1 : model.numClasses;
  const padding = paddingValue(preprocessor);
  return (picture, frame, run, signal) => {
    const logits = slidingLogits(picture, { decoder: model, windows, run, sizeDivisor, padding, signal });
    return labelsOfRows(logits, frame, model, { classes, signal });
  };
}

function isNan(error: unknown): boolean {
  return error instanceof LowformerError && error.code === 'not-a-number';
}

/** Which pictures go through the network together, by their places. */
function groupsOf(model: Model, frames: readonly Frame[]): readonly (readonly number[])[] {
  if (model.task === 'detection') return [[...frames.keys()]];
  if (model.task === 'segmentation' && model.windows !== undefined) return [...frames.keys()].map((i) => [i]);
  return groupBySize(frames);
}

/** An error of a picture, with its name before it. */
function named(error: unknown, name: string | undefined): unknown {
  return error instanceof LowformerError && name !== undefined ? error.at(`${name}: ${error.path}`) : error;
}

async function decode(
  model: Model,
  labels: readonly ClassLabel[],
  outputs: Tensors,
  index: number,
  transform: FrameTransform,
  signal: AbortSignal | undefined,
): Promise<Result> {
  switch (model.task) {
    case 'detection':
      return detections(model.decode(outputs, index, transform), labels, transform);
    case 'segmentation':
      return segmentation(await model.decode(outputs, index, transform, signal), labels);
    case 'classification':
      return classification(model.decode(outputs, index), labels, transform);
  }
}

function detections(
  { boxes, scores, labels: indices }: DecodedBoxes,
  labels: readonly ClassLabel[],
  { original }: FrameTransform,
): Detections {
  const found = Array.from(scores, (score, i) => {
    const label = labelAt(labels, indices[i] ?? -1);
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = boxes.subarray(4 * i, 4 * i + 4);
    const box: Box = [x1, y1, x2, y2];
    return { box, score, ...label };
  });
  return { kind: 'detection', width: original.width, height: original.height, detections: found };
}

function segmentation(
  { labels: indices, width, height }: DecodedLabels,
  labels: readonly ClassLabel[],
): SegmentationMap {
  const counts = new Uint32Array(labels.length);
  for (let i = 0; i < indices.length; i++) counts[indices[i] ?? 0] = (counts[indices[i] ?? 0] ?? 0) + 1;
  const classes = labels
    .map(({ classIndex, category }) => ({ classIndex, category, pixels: counts[classIndex] ?? 0 }))
    .filter(({ pixels }) => pixels > 0)
    .sort((a, b) => b.pixels - a.pixels);
  return { kind: 'segmentation', width, height, labels: indices, classes };
}

function classification(
  probabilities: Float32Array,
  labels: readonly ClassLabel[],
  { original }: FrameTransform,
): Classification {
  const ranking = labels
    .map(({ classIndex, category }) => ({ classIndex, category, score: probabilities[classIndex] ?? 0 }))
    .sort((a, b) => b.score - a.score);
  return { kind: 'classification', width: original.width, height: original.height, ranking };
}

function labelAt(labels: readonly ClassLabel[], index: number): ClassLabel {
  const label = labels[index];
  if (label === undefined) throw new RangeError(`class ${index} of ${labels.length}`);
  return label;
}

/** Indices of frames of the same size, in order of their first. */
function groupBySize(frames: readonly Frame[]): readonly (readonly number[])[] {
  const groups = new Map<string, number[]>();
  for (const [i, { pixels }] of frames.entries()) {
    const key = `${pixels.width}x${pixels.height}`;
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    group.push(i);
  }
  return [...groups.values()];
}

function signalOf({ signal }: PredictOptions): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
