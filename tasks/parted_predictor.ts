/** Large pictures to results, of which no more than some rows are held. Given an engine, never picking one; no Node API. */
import { LowformerError } from '../core/errors.js';
import type { FrameTransform, PartedPicture, Size } from '../core/frame.js';
import type { Result, SegmentationMap } from '../core/results.js';
import type { Tensor, Tensors } from '../core/tensor.js';
import { windowPlaces } from '../decoding/window_places.js';
import { batchOf, type PixelForm, toBatch } from '../images/batch.js';
import { pictureStrips } from '../images/picture_strips.js';
import { cutPicture } from '../images/region.js';
import type { Frame } from '../images/sample.js';
import type { LabelBand } from '../registry/define.js';
import { partedUse, prepareParts } from '../steps/parted.js';
import { prepareFrame, type TestPipeline } from '../steps/pipeline.js';
import type { Model } from './model.js';
import { isNan, named, type PredictOptions, timedRuns } from './network_runs.js';
import { classPixels, countLabels, segmentation } from './picture_results.js';
import { createFramePredictor, type PredictorParts } from './predictor.js';
import { goesUnpadded, slidingFrame } from './sliding_frame.js';
import { labelBands, labelsOfRows } from './sliding_labels.js';
import { type LabelSource, slidingSource } from './sliding_logits.js';
import type { WindowSource } from './window_runs.js';

/** Rows of a picture's label map. */
export interface LabelRows extends LabelBand {
  /** What messages call the picture. */
  readonly picture: string;
  /** Of the whole map. */
  readonly size: Size;
}

export interface PartedOptions extends PredictOptions {
  /** Gets the label map some rows at a time, from the top down: the result then has none. Without it, the result has the whole. */
  readonly onLabels?: ((rows: LabelRows) => Promise<void> | void) | undefined;
}

/**
 * The result of a picture that is read in parts: that of the whole picture, to the bit.
 * @throws {LowformerError} as `Predict`, and what reading the picture throws.
 */
export type PredictParted = (picture: PartedPicture, options: PartedOptions, name: string) => Promise<Result>;

type Segmentor = Extract<Model, { task: 'segmentation' }>;
type Run = (input: Tensor) => Promise<Tensors>;

/** Where a picture's labels come from, and how it came to be what the network saw. */
interface SeenPicture {
  readonly frame: FrameTransform;
  readonly source: LabelSource & Partial<AsyncDisposable>;
}

/**
 * A segmentor whose windows slide over the picture as it is, gets a row of windows at a time. A pipeline that begins with
 * OpenCV's bilinear resize gets the two rows that each row of its result is made of. Any other gets the whole picture.
 */
export function createPartedPredictor(parts: PredictorParts): PredictParted {
  const { model, runner, pipeline, labels, runsAtOnce, form } = parts;
  const predict = createFramePredictor(parts);
  return async (picture, options, name) => {
    if (parts.labelled === true) {
      const expected = 'scores, for pictures in parts,';
      throw new LowformerError({ code: 'invalid-argument', where: 'passes.labelMap', expected, received: 'labels' });
    }
    const start = performance.now();
    const use = partedUse(picture, pipeline);
    if (model.task !== 'segmentation') {
      const frame = await preparedFrame(picture, pipeline, use, name);
      const [result] = await predict([frame], options, [name], performance.now() - start);
      if (result === undefined) throw new RangeError('no result');
      return result;
    }
    const { run, spent } = timedRuns(runner, options, name);
    const seeing = { model, run, runsAtOnce, form, signal: options.signal };
    try {
      const seen =
        use === 'pixelwise' && model.windows !== undefined && goesUnpadded(picture, model.preprocessor)
          ? windowsSeen(picture, pipeline, seeing)
          : await frameSeen(await preparedFrame(picture, pipeline, use, name), seeing);
      const prepare = performance.now() - start - spent.waiting;
      let map: SegmentationMap;
      try {
        map = await segmented(seen, { ...parts, model }, options, name);
      } finally {
        await seen.source[Symbol.asyncDispose]?.();
      }
      const decode = Math.max(0, performance.now() - start - prepare - spent.waiting);
      options.onTiming?.({ pictures: 1, prepare, network: spent.network, decode });
      return map;
    } catch (error) {
      // What the network's runs throw has its name already, where it is the picture's.
      throw isNan(error) ? named(error, name) : error;
    }

    async function segmented(
      { frame, source }: SeenPicture,
      { model: segmentor }: { readonly model: Segmentor },
      { signal, onLabels }: PartedOptions,
      picture: string,
    ): Promise<SegmentationMap> {
      const classes = segmentor.thresholded ? 1 : segmentor.numClasses;
      if (onLabels === undefined) {
        return segmentation(await labelsOfRows(source, frame, segmentor, { classes, signal }), labels);
      }
      const size = frame.original;
      const counts = new Float64Array(labels.length);
      for await (const band of labelBands(source, frame, segmentor, { classes, signal })) {
        countLabels(band.labels, counts);
        await onLabels({ ...band, picture, size });
      }
      return { kind: 'segmentation', ...size, labels: new Uint8Array(0), classes: classPixels(counts, labels) };
    }
  };
}

/** Of a picture that goes through the pipeline as one. */
async function preparedFrame(
  picture: PartedPicture,
  pipeline: TestPipeline,
  use: ReturnType<typeof partedUse>,
  name: string,
): Promise<Frame> {
  const { width, height } = picture;
  try {
    if (use === 'resized') return await prepareParts(picture, pipeline);
    return prepareFrame(await picture.read({ left: 0, top: 0, width, height }), pipeline);
  } catch (error) {
    // What cannot be read has its name already.
    const isOwn = error instanceof LowformerError && error.code === 'invalid-argument';
    throw isOwn ? named(error, name) : error;
  }
}

interface SeeingParts {
  readonly model: Segmentor;
  readonly run: Run;
  readonly runsAtOnce: number | undefined;
  readonly form: PixelForm | undefined;
  readonly signal: AbortSignal | undefined;
}

/** A prepared picture: all at once, or windows over it. */
async function frameSeen(prepared: Frame, { model, run, runsAtOnce, form, signal }: SeeingParts): Promise<SeenPicture> {
  const { windows, sizeDivisor, preprocessor } = model;
  if (windows !== undefined) {
    const parts = { decoder: model, windows, run, sizeDivisor, runsAtOnce, signal };
    return slidingFrame(prepared, preprocessor, parts, form);
  }
  const { input, transforms } = toBatch([prepared], preprocessor, sizeDivisor, form);
  const [frame] = transforms;
  if (frame === undefined) throw new RangeError('no picture in a batch');
  const outputs = await run(input);
  return { frame, source: { logits: (rows) => model.logits(outputs, 0, frame.padded, signal, rows) } };
}

/** Windows that are cut out of the picture as they come. */
function windowsSeen(
  picture: PartedPicture,
  pipeline: TestPipeline,
  { model, run, runsAtOnce, form, signal }: SeeingParts,
): SeenPicture {
  const { windows, sizeDivisor, preprocessor } = model;
  if (windows === undefined) throw new RangeError('no windows');
  const { width, height } = picture;
  const size = { width, height };
  const places = windowPlaces(size, windows);
  const strips = pictureStrips(picture, places.tops, places.size.height);
  const source: WindowSource = {
    ...size,
    async cut(top, lefts, window, padded) {
      const image = await strips.at(top);
      const frames = lefts.map((left) => prepareFrame(cutPicture(image, { left, top: 0, ...window }), pipeline));
      return batchOf(frames, preprocessor, padded, form).input;
    },
  };
  const frame = { original: size, resized: size, padded: size, scaleX: 1, scaleY: 1, left: 0, top: 0 };
  const parts = { decoder: model, windows, run, sizeDivisor, runsAtOnce, signal };
  return { frame, source: slidingSource(source, parts) };
}
