/** Pictures to results: prepare, run, decode. Given an engine, never picking one; no Node API. */
import type { FrameTransform } from '../core/frame.js';
import type { Result } from '../core/results.js';
import type { Tensor, Tensors } from '../core/tensor.js';
import { type PixelForm, toBatch } from '../images/batch.js';
import type { Frame } from '../images/sample.js';
import type { DecodedLabels } from '../registry/define.js';
import { prepareFrame, type TestPipeline } from '../steps/pipeline.js';
import type { ClassLabel } from './classes.js';
import { givenLabels, labelSizes } from './label_sizes.js';
import type { Model } from './model.js';
import { isNan, named, type Predict, type PredictOptions, type Runner, timedRuns } from './network_runs.js';
import { classification, detections, mirroredBack, segmentation } from './picture_results.js';
import { slidingFrame } from './sliding_frame.js';
import { labelsOfRows } from './sliding_labels.js';

export type { Predict, PredictOptions, Runner, StageTiming } from './network_runs.js';

export interface PredictorParts {
  readonly model: Model;
  readonly runner: Runner;
  readonly pipeline: TestPipeline;
  readonly labels: readonly ClassLabel[];
  /** What the runner's network takes: `normalised` unless told otherwise. */
  readonly form?: PixelForm | undefined;
  /** Whether the runner's network gives out a segmentor's labels (`labelMap`) in place of its scores. */
  readonly labelled?: boolean | undefined;
  /** Runs of one picture's windows that are under way together, where windows slide over it; 2 unless told otherwise. */
  readonly runsAtOnce?: number | undefined;
}

/**
 * A detector pads a batch to its largest picture, as mmdet does; segmentors and classifiers run pictures of one size
 * together and others after one another, and a picture that windows slide over by itself. Whatever the network's
 * `sizeDivisor` adds, decoding leaves out again.
 */
export function createPredictor(parts: PredictorParts): Predict {
  const predict = createFramePredictor(parts);
  return async (images, options = {}, names = []) => {
    const start = performance.now();
    const frames = images.map((image, i) => {
      try {
        return prepareFrame(image, parts.pipeline);
      } catch (error) {
        throw named(error, names[i]);
      }
    });
    return predict(frames, options, names, performance.now() - start);
  };
}

/** From prepared pictures on. @param prepared milliseconds that preparing them has taken. */
export type PredictFrames = (
  frames: readonly Frame[],
  options: PredictOptions,
  names: readonly string[],
  prepared: number,
) => Promise<readonly Result[]>;

/** `createPredictor` for pictures that are prepared already. */
export function createFramePredictor(parts: Omit<PredictorParts, 'pipeline'>): PredictFrames {
  const { model, runner, labels, form, labelled = false } = parts;
  return async (frames, options, names, prepared) => {
    let prepare = prepared;
    const results: Result[] = new Array(frames.length);
    const slide = slidingOver(parts);
    for (const group of groupsOf(model, frames, labelled)) {
      const members = group.flatMap((i) => frames[i] ?? []);
      const [first] = members;
      if (first === undefined) continue;
      const only = group.length === 1 ? names[group[0] ?? -1] : undefined;
      const { run, spent } = timedRuns(runner, options, only);
      const start = performance.now();
      if (slide !== undefined) {
        try {
          results[group[0] ?? 0] = segmentation(await slide(first, run, options.signal), labels);
        } catch (error) {
          // What the network's runs throw has its name already, where it is the picture's.
          throw isNan(error) ? named(error, only) : error;
        }
        // Until the first window is ready. What is prepared and decoded while the network runs is no time of theirs.
        const begun = spent.begun ?? start;
        prepare += begun - start;
        const decode = Math.max(0, performance.now() - begun - spent.waiting);
        options.onTiming?.({ pictures: 1, prepare, network: spent.network, decode });
        prepare = 0;
        continue;
      }
      const { input, transforms } = toBatch(members, model.preprocessor, model.sizeDivisor, form);
      const runStart = performance.now();
      prepare += runStart - start;
      const [transformed] = transforms;
      const sizes = labelled && transformed !== undefined ? labelSizes(transformed, transforms.length) : {};
      const outputs = await run(input, sizes);
      for (const [place, i] of group.entries()) {
        const transform = transforms[place];
        if (transform === undefined) continue;
        try {
          results[i] = await decode(model, labels, outputs, place, transform, options.signal);
        } catch (error) {
          throw named(error, names[i]);
        }
      }
      const decoding = performance.now() - runStart - spent.waiting;
      options.onTiming?.({ pictures: group.length, prepare, network: spent.network, decode: decoding });
      prepare = 0;
    }
    return results;
  };
}

type Slide = (
  frame: Frame,
  run: (input: Tensor) => Promise<Tensors>,
  signal: AbortSignal | undefined,
) => Promise<DecodedLabels>;

/** The label map of a picture that goes through the network window by window; undefined where pictures go whole. */
function slidingOver({ model, runsAtOnce, form }: Omit<PredictorParts, 'pipeline'>): Slide | undefined {
  if (model.task !== 'segmentation' || model.windows === undefined) return undefined;
  const { windows, sizeDivisor, preprocessor } = model;
  const classes = model.thresholded ? 1 : model.numClasses;
  return async (prepared, run, signal) => {
    const parts = { decoder: model, windows, run, sizeDivisor, runsAtOnce, signal };
    const { frame, source } = slidingFrame(prepared, preprocessor, parts, form);
    await using sliding = source;
    return await labelsOfRows(sliding, frame, model, { classes, signal });
  };
}

/** Which pictures go through the network together, by their places. */
function groupsOf(model: Model, frames: readonly Frame[], labelled: boolean): readonly (readonly number[])[] {
  if (model.task === 'detection') return [[...frames.keys()]];
  if (model.task === 'segmentation' && model.windows !== undefined) return [...frames.keys()].map((i) => [i]);
  return groupBySize(frames, labelled);
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
      return detections(mirroredBack(model.decode(outputs, index, transform), transform), labels, transform);
    case 'segmentation':
      return segmentation(
        givenLabels(outputs, index, model.numClasses) ?? (await model.decode(outputs, index, transform, signal)),
        labels,
      );
    case 'classification':
      return classification(model.decode(outputs, index), labels, transform);
  }
}

/** Indices of frames of the same size, in order of their first. @param alike whether they have to have become so alike. */
function groupBySize(frames: readonly Frame[], alike: boolean): readonly (readonly number[])[] {
  const groups = new Map<string, number[]>();
  for (const [i, { pixels, transform }] of frames.entries()) {
    const key = `${pixels.width}x${pixels.height}${alike ? JSON.stringify(transform) : ''}`;
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    group.push(i);
  }
  return [...groups.values()];
}
