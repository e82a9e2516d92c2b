/** Large pictures to results, of which no more than some rows are held. Given an engine, never picking one; no Node API. */
import { LowformerError } from '../core/errors.js';
import type { FrameTransform, PartedPicture, RgbImage, Size } from '../core/frame.js';
import type { Result, SegmentationMap } from '../core/results.js';
import type { Tensor, Tensors } from '../core/tensor.js';
import { batchOf, batchSize, paddingValue, toBatch } from '../images/batch.js';
import { cutPicture } from '../images/region.js';
import type { Frame } from '../images/sample.js';
import { partedUse, prepareParts } from '../steps/parted.js';
import { prepareFrame, type TestPipeline } from '../steps/pipeline.js';
import type { Model } from './model.js';
import { isNan, named, type PredictOptions, timedRuns } from './network_runs.js';
import { classPixels, countLabels, segmentation } from './picture_results.js';
import { createFramePredictor, type PredictorParts } from './predictor.js';
import { type LabelBand, labelBands, labelsOfRows } from './sliding_labels.js';
import { type JoinedLogits, slidingLogits, slidingLogitsOf, type WindowSource } from './sliding_logits.js';

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

/** Where a picture's logits come from, and how it came to be what the network saw. */
interface SeenPicture {
  readonly frame: FrameTransform;
  readonly logits: JoinedLogits;
}

/**
 * A segmentor whose windows slide over the picture as it is, gets a row of windows at a time. A pipeline that begins with
 * OpenCV's bilinear resize gets the two rows that each row of its result is made of. Any other gets the whole picture.
 */
export function createPartedPredictor(parts: PredictorParts): PredictParted {
  const { model, runner, pipeline, labels } = parts;
  const predict = createFramePredictor(parts);
  return async (picture, options, name) => {
    const start = performance.now();
    const use = partedUse(picture, pipeline);
    if (model.task !== 'segmentation') {
      const frame = await preparedFrame(picture, pipeline, use, name);
      const [result] = await predict([frame], options, [name], performance.now() - start);
      if (result === undefined) throw new RangeError('no result');
      return result;
    }
    const { run, spent } = timedRuns(runner, options, name);
    try {
      const seen =
        use === 'pixelwise' && model.windows !== undefined && goesUnpadded(picture, model)
          ? windowsSeen(picture, pipeline, { model, run, signal: options.signal })
          : await frameSeen(await preparedFrame(picture, pipeline, use, name), { model, run, signal: options.signal });
      const prepare = performance.now() - start - spent.waiting;
      const map = await segmented(seen, { ...parts, model }, options, name);
      const decode = performance.now() - start - prepare - spent.waiting;
      options.onTiming?.({ pictures: 1, prepare, network: spent.network, decode });
      return map;
    } catch (error) {
      // What the network's runs throw has its name already, where it is the picture's.
      throw isNan(error) ? named(error, name) : error;
    }

    async function segmented(
      { frame, logits }: SeenPicture,
      { model: segmentor }: { readonly model: Segmentor },
      { signal, onLabels }: PartedOptions,
      picture: string,
    ): Promise<SegmentationMap> {
      const classes = segmentor.thresholded ? 1 : segmentor.numClasses;
      if (onLabels === undefined) {
        return segmentation(await labelsOfRows(logits, frame, segmentor, { classes, signal }), labels);
      }
      const size = frame.original;
      const counts = new Float64Array(labels.length);
      for await (const band of labelBands(logits, frame, segmentor, { classes, signal })) {
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
  readonly signal: AbortSignal | undefined;
}

/** The logits of a prepared picture: all at once, or of windows over it. */
async function frameSeen(prepared: Frame, { model, run, signal }: SeeingParts): Promise<SeenPicture> {
  const { windows, sizeDivisor, preprocessor } = model;
  const { input, transforms } = toBatch([prepared], preprocessor, windows === undefined ? sizeDivisor : 1);
  const [frame] = transforms;
  if (frame === undefined) throw new RangeError('no picture in a batch');
  if (windows !== undefined) {
    const padding = paddingValue(preprocessor);
    return { frame, logits: slidingLogits(input, { decoder: model, windows, run, sizeDivisor, padding, signal }) };
  }
  const outputs = await run(input);
  return { frame, logits: (rows) => model.logits(outputs, 0, frame.padded, signal, rows) };
}

/** Whether nothing is added at a picture's sides before windows slide over it. */
function goesUnpadded({ width, height }: Size, { preprocessor }: Segmentor): boolean {
  const padded = batchSize([{ width, height }], preprocessor, 1);
  return padded.width === width && padded.height === height;
}

/** The logits of windows that are cut out of the picture as they come. */
function windowsSeen(picture: PartedPicture, pipeline: TestPipeline, { model, run, signal }: SeeingParts): SeenPicture {
  const { windows, sizeDivisor, preprocessor } = model;
  if (windows === undefined) throw new RangeError('no windows');
  const { width, height } = picture;
  const size = { width, height };
  let strip: { readonly top: number; readonly image: RgbImage } | undefined;
  const source: WindowSource = {
    ...size,
    async cut(top, lefts, window, padded) {
      if (strip?.top !== top) {
        // The one before it is let go first.
        strip = undefined;
        strip = { top, image: await picture.read({ left: 0, top, width, height: window.height }) };
      }
      const { image } = strip;
      const frames = lefts.map((left) => prepareFrame(cutPicture(image, { left, top: 0, ...window }), pipeline));
      return batchOf(frames, preprocessor, padded).input;
    },
  };
  const frame = { original: size, resized: size, padded: size, scaleX: 1, scaleY: 1, left: 0, top: 0 };
  return { frame, logits: slidingLogitsOf(source, { decoder: model, windows, run, sizeDivisor, signal }) };
}
