/**
 * Boxes as the distances of their top, bottom, left and right sides from the centre of a prior, in sides of the prior
 * (Zhu et al., FSAF, arXiv 1903.00621, section 3.1). Follows mmdet 3's `TBLRBBoxCoder` step by step in float32.
 */
import { z } from 'zod';
import { type BoxCoder, checkLengths, clipBoxes } from './box_coder.js';

const f32 = Math.fround;
const positive = z.number().positive();

/** mmdet's keys. */
export const tblrCoderSchema = z.strictObject({
  normalizer: z
    .union([positive, z.tuple([positive, positive, positive, positive])])
    .default(4)
    .describe('what the numbers are multiples of, in sides of the prior; one, or top, bottom, left, right'),
  clip_border: z.boolean().default(true).describe('whether boxes end at the border of the picture'),
  use_box_type: z.boolean().default(false).describe('changes only a Python type: no effect here'),
});

/** A checked configuration of the coder. */
export type TblrCoderConfig = z.output<typeof tblrCoderSchema>;

/** Deltas are top, bottom, left, right. */
export function createTblrCoder({ normalizer, clip_border }: TblrCoderConfig): BoxCoder {
  const all = typeof normalizer === 'number' ? [normalizer, normalizer, normalizer, normalizer] : normalizer;
  const [ofTop = 1, ofBottom = 1, ofLeft = 1, ofRight = 1] = Float32Array.from(all);
  return {
    priors: 'box',

    encode(priors, boxes) {
      checkLengths('TBLR coder: encode', 'box', priors, boxes);
      const deltas = new Float32Array(boxes.length);
      for (let i = 0; i < deltas.length; i += 4) {
        const [x1, y1, x2, y2] = [priors[i] ?? 0, priors[i + 1] ?? 0, priors[i + 2] ?? 0, priors[i + 3] ?? 0];
        const [width, height] = [f32(x2 - x1), f32(y2 - y1)];
        const [x, y] = [f32(f32(x1 + x2) / 2), f32(f32(y1 + y2) / 2)];
        deltas[i] = f32(f32(y - (boxes[i + 1] ?? 0)) / height) / ofTop;
        deltas[i + 1] = f32(f32((boxes[i + 3] ?? 0) - y) / height) / ofBottom;
        deltas[i + 2] = f32(f32(x - (boxes[i] ?? 0)) / width) / ofLeft;
        deltas[i + 3] = f32(f32((boxes[i + 2] ?? 0) - x) / width) / ofRight;
      }
      return deltas;
    },

    decode(priors, deltas, { limits } = {}) {
      checkLengths('TBLR coder: decode', 'box', priors, deltas);
      const boxes = new Float32Array(deltas.length);
      for (let i = 0; i < boxes.length; i += 4) {
        const x1 = priors[i] ?? 0;
        const y1 = priors[i + 1] ?? 0;
        const x2 = priors[i + 2] ?? 0;
        const y2 = priors[i + 3] ?? 0;
        const width = f32(x2 - x1);
        const height = f32(y2 - y1);
        const x = f32(f32(x1 + x2) / 2);
        const y = f32(f32(y1 + y2) / 2);
        boxes[i] = x - f32(width * f32((deltas[i + 2] ?? 0) * ofLeft));
        boxes[i + 1] = y - f32(height * f32((deltas[i] ?? 0) * ofTop));
        boxes[i + 2] = x + f32(width * f32((deltas[i + 3] ?? 0) * ofRight));
        boxes[i + 3] = y + f32(height * f32((deltas[i + 1] ?? 0) * ofBottom));
      }
      if (clip_border && limits !== undefined) clipBoxes(boxes, limits);
      return boxes;
    },
  };
}
