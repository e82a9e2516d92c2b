/** A detector over windows of a picture: SAHI's way with large pictures and small objects. No Node API. */
import { z } from 'zod';
import { LowformerError } from '../core/errors.js';
import { isParted, type PartedPicture, type Picture, type RgbImage, type Size } from '../core/frame.js';
import type { Box, Detection, Detections, Result } from '../core/results.js';
import { boxMergingSchema, type MERGE_METRICS, type MERGINGS, mergeScoredBoxes } from '../geometry/box_merging.js';
import { overlappingWindows } from '../geometry/windows.js';
import { type PictureStrips, pictureStrips } from '../images/picture_strips.js';
import { cutPicture } from '../images/region.js';
import type { PredictOptions } from '../tasks/predictor.js';
import type { RunBatch } from './predict_many.js';

export interface SliceOptions {
  /** Sides of a window in pixels; one number for a square. Pictures that are smaller have smaller ones. */
  readonly size: number | Size;
  /** The part of a window's sides that it shares with the next one, 0 to 1, 1 excluded; 0.2 unless told otherwise. */
  readonly overlap?: number;
  /** How boxes that show the same object are merged; `nms` unless told otherwise. */
  readonly merge?: (typeof MERGINGS)[number];
  /** How far boxes are the same: `iou` (unless told otherwise) over their union, `ios` over the smaller. */
  readonly metric?: (typeof MERGE_METRICS)[number];
  /** Boxes are the same from this overlap on; 0.5 unless told otherwise. */
  readonly threshold?: number;
  /** Whether boxes of different classes may be the same; false unless told otherwise. */
  readonly classAgnostic?: boolean;
  /** Whether the whole picture is looked at as well, for what is larger than a window; true unless told otherwise. */
  readonly wholePicture?: boolean;
  /** Windows in one run of the network; 1 unless told otherwise. */
  readonly batchSize?: number;
}

const side = z.int().min(16).max(100_000);

export const sliceSchema = z.strictObject({
  size: z.union([side, z.strictObject({ width: side, height: side })], {
    error: 'expected pixels of a side (16 or more), or { width, height }',
  }),
  overlap: z.number().min(0).lt(1).optional(),
  merge: boxMergingSchema.shape.type.optional(),
  metric: boxMergingSchema.shape.metric.optional(),
  threshold: boxMergingSchema.shape.threshold.optional(),
  classAgnostic: z.boolean().optional(),
  wholePicture: z.boolean().optional(),
  batchSize: z.int().positive().optional(),
});

/** What detects in pictures, and in one that is read in parts. */
export interface SlicedParts {
  readonly run: RunBatch<Result>;
  /** The whole picture, however large. */
  readonly whole: (picture: Picture, options: PredictOptions, name: string) => Promise<Result>;
  /** Batches that keep the network busy. */
  readonly batchesAtOnce: number;
}

/**
 * The boxes of all windows, and of the whole picture, where they lie in the picture, merged. A picture that is no larger than a
 * window is run as it is. Of a picture in parts two rows of windows are held at a time: the next is read while the network has the one before.
 * @returns by score descending; boxes in float32.
 * @throws {LowformerError} as `RunBatch`, and what reading the picture throws.
 */
export async function predictSlices(
  picture: Picture,
  slices: SliceOptions,
  { run, whole, batchesAtOnce }: SlicedParts,
  options: PredictOptions,
  name: string,
): Promise<Detections> {
  const { overlap = 0.2, wholePicture = true, batchSize = 1 } = slices;
  const window = typeof slices.size === 'number' ? { width: slices.size, height: slices.size } : slices.size;
  const { width, height } = picture;
  const { size, lefts, tops } = overlappingWindows(picture, window, overlap);
  if (lefts.length * tops.length === 1) return asDetections(await whole(picture, options, name));

  const found: Detection[] = [];
  const running: Promise<readonly Detection[]>[] = [];
  const settle = async (most: number) => {
    while (running.length > most) found.push(...((await running.shift()) ?? []));
  };
  const begin = (images: readonly RgbImage[], places: readonly Place[]) => {
    const names = images.map(() => name);
    const detecting = run(images, options, names).then((results) =>
      results.flatMap((result, i) => moved(asDetections(result), places[i])),
    );
    // It may fail while another is awaited; its error is told in its turn.
    detecting.catch(() => {});
    running.push(detecting);
  };
  let reading: PictureStrips | undefined;
  const strips = (parted: PartedPicture) => {
    reading ??= pictureStrips(parted, tops, size.height);
    return reading;
  };
  let looking: Promise<Result> | undefined;
  const look = () => {
    const seen = whole(picture, options, name);
    seen.catch(() => {});
    return seen;
  };
  try {
    for (const top of tops) {
      const rows = isParted(picture) ? { image: await strips(picture).at(top), top } : { image: picture, top: 0 };
      for (let first = 0; first < lefts.length; first += batchSize) {
        options.signal?.throwIfAborted();
        await settle(batchesAtOnce - 1);
        const places = lefts.slice(first, first + batchSize).map((left) => ({ left, top }));
        const images = places.map(({ left }) => cutPicture(rows.image, { left, top: top - rows.top, ...size }));
        begin(images, places);
        // While the network has windows: of a large picture it takes as long as many of them.
        if (wholePicture) looking ??= look();
      }
    }
    await settle(0);
    if (looking !== undefined) found.push(...asDetections(await looking).detections);
  } catch (error) {
    await Promise.allSettled([...running, looking]);
    throw error;
  }
  return { kind: 'detection', width, height, detections: merged(found, slices) };
}

interface Place {
  readonly left: number;
  readonly top: number;
}

function moved({ detections }: Detections, place: Place | undefined): readonly Detection[] {
  const { left, top } = place ?? { left: 0, top: 0 };
  return detections.map((detection) => {
    const [x1, y1, x2, y2] = detection.box;
    const box: Box = [x1 + left, y1 + top, x2 + left, y2 + top];
    return { ...detection, box };
  });
}

function merged(found: readonly Detection[], slices: SliceOptions): readonly Detection[] {
  const { merge = 'nms', metric = 'iou', threshold = 0.5, classAgnostic = false } = slices;
  const classes = new Map(
    found.map(({ classIndex, categoryId, category }) => [Number(classIndex), { classIndex, categoryId, category }]),
  );
  const given = {
    boxes: Float32Array.from(found.flatMap(({ box }) => box)),
    scores: Float32Array.from(found, ({ score }) => score),
    labels: Int32Array.from(found, ({ classIndex }) => classIndex),
  };
  const { boxes, scores, labels } = mergeScoredBoxes(given, {
    type: merge,
    metric,
    threshold,
    class_agnostic: classAgnostic,
  });
  return Array.from(scores, (score, i) => {
    const label = classes.get(labels[i] ?? -1);
    if (label === undefined) throw new RangeError(`no class ${labels[i]}`);
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = boxes.subarray(4 * i, 4 * i + 4);
    const box: Box = [x1, y1, x2, y2];
    return { box, score, ...label };
  });
}

/** @throws {LowformerError} `invalid-argument` for results of another task. */
function asDetections(result: Result | undefined): Detections {
  if (result?.kind === 'detection') return result;
  throw notADetector(result?.kind);
}

/** The error of slices that are asked of a model for another task. */
export function notADetector(received: string | undefined): LowformerError {
  const hint = 'A segmentor goes over large pictures in windows by test_cfg.mode=slide of its config.';
  return new LowformerError({ code: 'invalid-argument', where: 'slices', expected: 'a detector', received, hint });
}
