/** What a suppression is: of boxes that show the same object, which stay, and with which scores. */
import { z } from 'zod';
import { LowformerError } from '../core/errors.js';

const f32 = Math.fround;

/** The boxes that stay, best first. */
export interface Kept {
  /** Their places in what was given. */
  readonly indices: Int32Array;
  /** Their scores, which a suppression may lower; beside the indices, descending. */
  readonly scores: Float32Array;
}

export interface Suppression {
  /**
   * @param boxes `[count, 4]` as x1, y1, x2, y2
   * @param scores 0 to 1
   * @param labels class of each box
   * @param limit no more than this many are wanted; the work may stop there
   * @throws {LowformerError} when the lengths contradict each other
   */
  suppress(boxes: Float32Array, scores: Float32Array, labels: Int32Array, limit?: number): Kept;
}

/** The keys of mmcv's `batched_nms`, which every suppression of its has. */
export const classKeys = {
  class_agnostic: z.boolean().default(false).describe('whether boxes of different classes suppress each other'),
  split_thr: z.int().min(1).default(10000).describe('from this many boxes on, each class is taken for itself'),
};

/** mmcv's `offset`, what is added to a side. */
export const offsetKey = z.literal(0, { error: 'expected 0: sides are x2 - x1' }).default(0);

/**
 * Boxes of class `c` moved by `c * (largest coordinate + 1)`, which sets the classes apart; rounded to float32, as
 * mmcv's `batched_nms` does it.
 */
export function movedByClass(boxes: Float32Array, labels: Int32Array): Float32Array {
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < boxes.length; i++) largest = Math.max(largest, boxes[i] ?? 0);
  const distance = f32(largest + 1);
  const moved = new Float32Array(boxes.length);
  for (let i = 0; i < boxes.length; i++) moved[i] = (boxes[i] ?? 0) + f32((labels[i >> 2] ?? 0) * distance);
  return moved;
}

/** @throws {LowformerError} unless there are four coordinates and one label for each score. */
export function checkBoxes(where: string, boxes: Float32Array, scores: Float32Array, labels: Int32Array): void {
  const count = scores.length;
  if (boxes.length === count * 4 && labels.length === count) return;
  const expected = `four coordinates and one label for each of ${count} scores`;
  const received = { coordinates: boxes.length, labels: labels.length };
  throw new LowformerError({ code: 'invalid-argument', where, expected, received });
}
