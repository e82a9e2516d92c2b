import { LowformerError } from '../core/errors.js';
import type { DetectionTruth } from '../registry/define_losses.js';

/** @throws {LowformerError} `invalid-argument` for objects of no class, and for boxes that are no numbers. */
export function checkTruth({ boxes, labels }: DetectionTruth, picture: number, classes: number): void {
  const invalid = (expected: string, received: unknown) =>
    new LowformerError({ code: 'invalid-argument', where: `picture ${picture} of the batch`, expected, received });
  if (boxes.length !== labels.length * 4) throw invalid(`four numbers a box for ${labels.length} labels`, boxes.length);
  const stray = labels.find((label) => label < 0 || label >= classes);
  if (stray !== undefined) throw invalid(`labels from 0 to ${classes - 1}`, stray);
  const number = boxes.find((value) => !Number.isFinite(value));
  if (number !== undefined) throw invalid('boxes of finite numbers', number);
}
