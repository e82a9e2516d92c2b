/** From frames of any sizes to one batch, as mmdet's `DetDataPreprocessor` and mmseg's `SegDataPreProcessor` make it in training. */
import { z } from 'zod';
import { sideDivisor, sideLength } from '../core/bounded_numbers.js';
import { LowformerError } from '../core/errors.js';
import type { FrameTransform, LabelMap, Size } from '../core/frame.js';
import type { Tensor } from '../core/tensor.js';
import { batchOf } from './batch.js';
import { IGNORED_LABEL } from './pad_sample.js';
import type { Preprocessor } from './preprocessors.js';
import type { AnnotatedObjects, Frame } from './sample.js';
import { commonMultiple, multipleSize } from './target_size.js';

/** Keys of a `data_preprocessor` that concern training alone. */
const trainingSchema = z.object({
  size: z.tuple([sideLength, sideLength]).nullish(),
  size_divisor: sideDivisor.nullish(),
  seg_pad_val: z.int().min(0).max(0xffff).default(IGNORED_LABEL),
  pad_seg: z.boolean().default(false),
  seg_pad_value: z.int().min(0).max(0xffff).default(IGNORED_LABEL),
  batch_augments: z.null({ error: 'expected null: whole batches are not changed further' }).optional(),
});
export type TrainingPadding = z.output<typeof trainingSchema>;

/** @throws {LowformerError} `invalid-config` for a key that training does not follow. */
export function trainingPadding(preprocessor: Preprocessor): TrainingPadding {
  const parsed = trainingSchema.safeParse(preprocessor);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = ['model', 'data_preprocessor', ...(issue?.path ?? [])].join('.');
  throw new LowformerError({
    code: 'invalid-config',
    where,
    expected: (issue?.message ?? '').replace(/^expected /, ''),
  });
}

export interface TrainingBatchTensors {
  /** [N, 3, H, W] float32. */
  readonly input: Tensor;
  readonly transforms: readonly FrameTransform[];
  /** Of each picture, where the data has objects: in pixels of `input`. */
  readonly objects?: readonly AnnotatedObjects[];
  /** [N, H, W], where the data has label maps: padded as `seg_pad_val` says, 255 by default. */
  readonly labels?: { readonly shape: readonly [number, number, number]; readonly data: Int32Array };
}

/**
 * Padded at the right and bottom: detection to the largest frame and `pad_size_divisor`, segmentation to `size`, or to the
 * largest frame and `size_divisor`.
 * @param sizeDivisor of the network: both sides are multiples of it as well.
 * @throws {LowformerError} `invalid-argument` without frames, for a frame larger than `size`, and where some frames have
 *   annotations that others have not.
 */
export function toTrainingBatch(
  frames: readonly Frame[],
  preprocessor: Preprocessor,
  sizeDivisor = 1,
): TrainingBatchTensors {
  const padding = trainingPadding(preprocessor);
  const size = batchSizeOf(
    frames.map(({ pixels }) => pixels),
    preprocessor,
    sizeDivisor,
  );
  const { input, transforms } = batchOf(frames, preprocessor, size);
  const objects = frames.flatMap(({ annotations }) => annotations.objects ?? []);
  const maps = frames.flatMap(({ annotations }) => annotations.labelMap ?? []);
  for (const [name, list] of [['objects', objects] as const, ['label maps', maps] as const]) {
    if (list.length === 0 || list.length === frames.length) continue;
    throw invalid(`${name} of all ${frames.length} pictures or of none`, `of ${list.length}`);
  }
  const value = preprocessor.type === 'SegDataPreProcessor' ? padding.seg_pad_val : padding.seg_pad_value;
  return {
    input,
    transforms,
    ...(objects.length === 0 ? {} : { objects }),
    ...(maps.length === 0 ? {} : { labels: paddedLabels(maps, size, value) }),
  };
}

/** Height and width of the batch that `toTrainingBatch` makes of frames of these sizes. @throws {LowformerError} as it does. */
export function batchSizeOf(frames: readonly Size[], preprocessor: Preprocessor, sizeDivisor = 1): Size {
  const { size, size_divisor } = trainingPadding(preprocessor);
  if (frames.length === 0) throw invalid('one frame or more', 'none');
  const largest = {
    width: Math.max(...frames.map(({ width }) => width)),
    height: Math.max(...frames.map(({ height }) => height)),
  };
  const to = (least: Size, divisor: number) => {
    const whole = commonMultiple(divisor, sizeDivisor);
    return multipleSize(least, [whole, whole]);
  };
  if (preprocessor.type !== 'SegDataPreProcessor') return to(largest, preprocessor.pad_size_divisor);
  if (size == null) return to(largest, size_divisor ?? 1);
  const [height, width] = size;
  if (largest.width > width || largest.height > height) {
    const received = `${largest.width}x${largest.height}`;
    throw invalid(`pictures of at most ${width}x${height} (model.data_preprocessor.size)`, received);
  }
  return to({ width, height }, 1);
}

function paddedLabels(maps: readonly LabelMap[], { width, height }: Size, value: number) {
  const data = new Int32Array(maps.length * width * height).fill(value);
  maps.forEach((map, index) => {
    for (let y = 0; y < map.height; y++) {
      const row = map.labels.subarray(y * map.width, (y + 1) * map.width);
      data.set(row, (index * height + y) * width);
    }
  });
  return { shape: [maps.length, height, width] as const, data };
}

function invalid(expected: string, received: string): LowformerError {
  return new LowformerError({ code: 'invalid-argument', where: 'toTrainingBatch', expected, received });
}
