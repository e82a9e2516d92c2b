/**
 * Boxes as offsets from anchors (Girshick et al., R-CNN, arXiv 1311.2524, appendix C), as torchvision's `BoxCoder` has them
 * on float32: a box may grow up to the clip and shrink without end. Boxes are always cut to the picture.
 */
import { z } from 'zod';
import { type BoxCoder, checkLengths, clipBoxes } from './box_coder.js';

const f32 = Math.fround;
const positive = z.number().positive();

/** torchvision's keys. */
export const torchvisionBoxCoderSchema = z.strictObject({
  weights: z.tuple([positive, positive, positive, positive]).default([1, 1, 1, 1]).describe('of dx, dy, dw, dh'),
  bbox_xform_clip: z
    .number()
    .default(Math.log(1000 / 16))
    .describe('the largest dw and dh'),
});

/** A checked configuration of the coder. */
export type TorchvisionBoxCoderConfig = z.output<typeof torchvisionBoxCoderSchema>;

/** Deltas are dx, dy, dw, dh, each times its weight. */
export function createTorchvisionBoxCoder({ weights, bbox_xform_clip }: TorchvisionBoxCoderConfig): BoxCoder {
  const [wx = 1, wy = 1, ww = 1, wh = 1] = Float32Array.from(weights);
  const largest = f32(bbox_xform_clip);
  return {
    priors: 'box',

    encode(priors, boxes) {
      checkLengths('torchvision coder: encode', 'box', priors, boxes);
      const deltas = new Float32Array(boxes.length);
      for (let i = 0; i < deltas.length; i += 4) {
        encodeAxis(deltas, i, priors, boxes, wx, ww);
        encodeAxis(deltas, i + 1, priors, boxes, wy, wh);
      }
      return deltas;
    },

    decode(priors, deltas, { limits } = {}) {
      checkLengths('torchvision coder: decode', 'box', priors, deltas);
      const boxes = new Float32Array(deltas.length);
      for (let i = 0; i < boxes.length; i += 4) {
        decodeAxis(boxes, i, priors, deltas, wx, ww, largest);
        decodeAxis(boxes, i + 1, priors, deltas, wy, wh, largest);
      }
      if (limits !== undefined) clipBoxes(boxes, limits);
      return boxes;
    },
  };
}

/** One axis of one box: centre shift to `out[i]`, log size change to `out[i + 2]`. */
function encodeAxis(
  out: Float32Array,
  i: number,
  priors: Float32Array,
  boxes: Float32Array,
  shiftWeight: number,
  sizeWeight: number,
): void {
  const priorSize = f32((priors[i + 2] ?? 0) - (priors[i] ?? 0));
  const size = f32((boxes[i + 2] ?? 0) - (boxes[i] ?? 0));
  const priorCenter = f32((priors[i] ?? 0) + f32(0.5 * priorSize));
  const center = f32((boxes[i] ?? 0) + f32(0.5 * size));
  out[i] = f32(shiftWeight * f32(center - priorCenter)) / priorSize;
  out[i + 2] = sizeWeight * f32(Math.log(f32(size / priorSize)));
}

/** One axis of one box: its start to `out[i]`, its end to `out[i + 2]`. */
function decodeAxis(
  out: Float32Array,
  i: number,
  priors: Float32Array,
  deltas: Float32Array,
  shiftWeight: number,
  sizeWeight: number,
  largest: number,
): void {
  const priorSize = f32((priors[i + 2] ?? 0) - (priors[i] ?? 0));
  const priorCenter = f32((priors[i] ?? 0) + f32(0.5 * priorSize));
  const shift = f32((deltas[i] ?? 0) / shiftWeight);
  const logSize = Math.min(largest, f32((deltas[i + 2] ?? 0) / sizeWeight));
  const center = f32(f32(shift * priorSize) + priorCenter);
  const half = f32(0.5 * f32(f32(Math.exp(logSize)) * priorSize));
  out[i] = center - half;
  out[i + 2] = center + half;
}
