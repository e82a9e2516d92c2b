/**
 * Boxes as offsets from anchors: the shift of the centre in anchor sizes, and the logarithm of the change of size
 * (Girshick et al., R-CNN, arXiv 1311.2524, appendix C). Follows mmdet 3's `DeltaXYWHBBoxCoder` step by step in
 * float32; exponential and logarithm are the correctly rounded ones, within one float32 step of PyTorch's.
 */
import { z } from 'zod';
import { type BoxCoder, checkLengths, clipBoxes, type DecodeOptions, type DeltaRule } from './box_coder.js';

const f32 = Math.fround;
const four = <T extends z.ZodType<number>>(number: T) => z.tuple([number, number, number, number]);

/** mmdet's keys; means and standard deviations in the order dx, dy, dw, dh. */
export const deltaXywhCoderSchema = z.strictObject({
  target_means: four(z.number()).default([0, 0, 0, 0]),
  target_stds: four(z.number().positive()).default([1, 1, 1, 1]),
  clip_border: z.boolean().default(true).describe('whether boxes end at the border of the picture'),
  add_ctr_clamp: z.boolean().default(false).describe('bounds the shift of the centre by ctr_clamp (YOLOF)'),
  ctr_clamp: z.number().min(0).default(32).describe('pixels'),
  use_box_type: z.boolean().default(false).describe('changes only a Python type: no effect here'),
});

/** A checked configuration of the coder. */
export type DeltaXywhCoderConfig = z.output<typeof deltaXywhCoderSchema>;

export interface DeltaXywhDecodeOptions extends DecodeOptions {
  /** Smallest change of width or height, and the inverse of the largest; default 16 / 1000. */
  readonly sizeRatioClip?: number;
}

const SIZE_RATIO_CLIP = 16 / 1000;

/** Deltas are dx, dy, dw, dh; means and standard deviations are rounded to float32 here, once. */
export function createDeltaXywhCoder(config: DeltaXywhCoderConfig): BoxCoder<DeltaXywhDecodeOptions> {
  return deltaCoder(config, 0);
}

/**
 * The same with another measure of boxes.
 * @param pixel how many pixels wider a box is than its corners lie apart: 0, or 1 where corners are pixels. The last
 *   coordinate of a picture is then less than its size by as many.
 */
export function deltaCoder(config: DeltaXywhCoderConfig, pixel: 0 | 1): BoxCoder<DeltaXywhDecodeOptions> {
  const means = Float32Array.from(config.target_means);
  const stds = Float32Array.from(config.target_stds);
  const [meanX = 0, meanY = 0, meanW = 0, meanH = 0] = means;
  const [stdX = 1, stdY = 1, stdW = 1, stdH = 1] = stds;

  return {
    priors: 'box',
    ...(pixel === 0 ? { rule: deltaRule(config) } : {}),

    encode(priors, boxes) {
      checkLengths('delta coder: encode', 'box', priors, boxes);
      const deltas = new Float32Array(boxes.length);
      for (let i = 0; i < deltas.length; i += 4) {
        encodeAxis(deltas, i, priors, boxes, meanX, stdX, meanW, stdW, pixel);
        encodeAxis(deltas, i + 1, priors, boxes, meanY, stdY, meanH, stdH, pixel);
      }
      return deltas;
    },

    decode(priors, deltas, { limits, sizeRatioClip = SIZE_RATIO_CLIP } = {}) {
      checkLengths('delta coder: decode', 'box', priors, deltas);
      const largest = f32(Math.abs(Math.log(sizeRatioClip)));
      const smallest = config.add_ctr_clamp ? Number.NEGATIVE_INFINITY : -largest;
      const shift = config.add_ctr_clamp ? f32(config.ctr_clamp) : Number.POSITIVE_INFINITY;
      const boxes = new Float32Array(deltas.length);
      for (let i = 0; i < boxes.length; i += 4) {
        decodeAxis(boxes, i, priors, deltas, meanX, stdX, meanW, stdW, shift, smallest, largest, pixel);
        decodeAxis(boxes, i + 1, priors, deltas, meanY, stdY, meanH, stdH, shift, smallest, largest, pixel);
      }
      if (config.clip_border && limits !== undefined) {
        clipBoxes(boxes, { width: limits.width - pixel, height: limits.height - pixel });
      }
      return boxes;
    },
  };
}

function deltaRule({ target_means, target_stds, add_ctr_clamp, ctr_clamp }: DeltaXywhCoderConfig): DeltaRule {
  const max = Math.abs(Math.log(SIZE_RATIO_CLIP));
  const sizes = add_ctr_clamp ? { max } : { min: -max, max };
  return { means: target_means, stds: target_stds, sizes, ...(add_ctr_clamp ? { largestShift: ctr_clamp } : {}) };
}

/** One axis of one box: centre shift to `out[i]`, log size change to `out[i + 2]`. */
function encodeAxis(
  out: Float32Array,
  i: number,
  priors: Float32Array,
  boxes: Float32Array,
  shiftMean: number,
  shiftStd: number,
  sizeMean: number,
  sizeStd: number,
  pixel: number,
): void {
  const priorStart = priors[i] ?? 0;
  const priorEnd = priors[i + 2] ?? 0;
  const start = boxes[i] ?? 0;
  const end = boxes[i + 2] ?? 0;
  const priorSize = f32(f32(priorEnd - priorStart) + pixel);
  const centers = f32(f32(f32(start + end) * 0.5) - f32(f32(priorStart + priorEnd) * 0.5));
  const shift = f32(centers / priorSize);
  const size = f32(Math.log(f32(f32(f32(end - start) + pixel) / priorSize)));
  out[i] = f32(shift - shiftMean) / shiftStd;
  out[i + 2] = f32(size - sizeMean) / sizeStd;
}

/** One axis of one box: its start to `out[i]`, its end to `out[i + 2]`. */
function decodeAxis(
  out: Float32Array,
  i: number,
  priors: Float32Array,
  deltas: Float32Array,
  shiftMean: number,
  shiftStd: number,
  sizeMean: number,
  sizeStd: number,
  largestShift: number,
  smallestSize: number,
  largestSize: number,
  pixel: number,
): void {
  const priorStart = priors[i] ?? 0;
  const priorEnd = priors[i + 2] ?? 0;
  const priorSize = f32(f32(priorEnd - priorStart) + pixel);
  const relativeShift = f32(f32((deltas[i] ?? 0) * shiftStd) + shiftMean);
  const logSize = f32(f32((deltas[i + 2] ?? 0) * sizeStd) + sizeMean);
  const shift = Math.max(-largestShift, Math.min(largestShift, f32(priorSize * relativeShift)));
  const center = f32(f32(f32(priorStart + priorEnd) * 0.5) + shift);
  const size = f32(priorSize * f32(Math.exp(Math.max(smallestSize, Math.min(largestSize, logSize)))));
  const half = f32(size * 0.5);
  out[i] = center - half;
  out[i + 2] = center + half;
}
