/** What a coder of boxes is: the numbers that a network says of a prior, and the box that they mean. */
import { LowformerError } from '../core/errors.js';
import type { Size } from '../core/frame.js';
import { PRIOR_SIZES, type PriorKind } from './priors.js';

export interface DecodeOptions {
  /** The picture that boxes are clipped to (with `clip_border`), in pixels; without it nothing is clipped. */
  readonly limits?: Size;
}

/**
 * How deltas dx, dy, dw, dh lead to boxes, for whoever writes it as a graph: times `stds` and plus `means`, then centres
 * move by so many anchor sizes, and sizes grow by the exponential.
 */
export interface DeltaRule {
  readonly means: readonly number[];
  readonly stds: readonly number[];
  /** Bounds of the logarithm of the change of size. */
  readonly sizes: { readonly min?: number; readonly max: number };
  /** Pixels that a centre moves at most. */
  readonly largestShift?: number;
}

/** Both ways. Boxes are `[count, 4]` as x1, y1, x2, y2 in pixels; deltas `[count, 4]`, the coder's own numbers. */
export interface BoxCoder<Options extends DecodeOptions = DecodeOptions> {
  /** What it takes boxes relative to: boxes `[count, 4]` or points `[count, 2]`. */
  readonly priors: PriorKind;
  /** Deltas that lead from each prior to the box beside it. @throws {LowformerError} when the lengths differ. */
  encode(priors: Float32Array, boxes: Float32Array): Float32Array;
  /** Boxes that the deltas lead to. @throws {LowformerError} when the lengths differ. */
  decode(priors: Float32Array, deltas: Float32Array, options?: Options): Float32Array;
  /** What `decode` does without limits; absent where deltas are none of these. */
  readonly rule?: DeltaRule;
}

/** Moves every corner into the picture, its right and lower border included. */
export function clipBoxes(boxes: Float32Array, { width, height }: Size): void {
  for (let i = 0; i < boxes.length; i += 2) {
    boxes[i] = Math.max(0, Math.min(width, boxes[i] ?? 0));
    boxes[i + 1] = Math.max(0, Math.min(height, boxes[i + 1] ?? 0));
  }
}

/** @throws {LowformerError} unless `others` has four numbers for each prior. */
export function checkLengths(where: string, kind: PriorKind, priors: Float32Array, others: Float32Array): void {
  const count = priors.length / PRIOR_SIZES[kind];
  if (others.length === count * 4 && Number.isInteger(count)) return;
  const expected = `four numbers for each of ${count} priors`;
  throw new LowformerError({ code: 'invalid-argument', where, expected, received: others.length });
}
