/** Targets of losses that tell classes apart, as one number a channel. */
import { LowformerError } from '../core/errors.js';
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import type { LossInputs } from './loss.js';

/**
 * 1 in the channel of the class, 0 in the others, in all of them for background: [N, G * classes, H, W].
 * @param values of the classes in the place of 1.
 */
export function oneHotOf(g: GraphBuilder, labels: Value, classes: number, values?: readonly number[]): Value {
  return g.emit('oneHot', [labels], values === undefined ? { classes } : { classes, values });
}

/** The labels of a loss that tells classes apart. @throws {LowformerError} `invalid-config` where its target is numbers. */
export function labelsOf(type: string, { target, prediction }: LossInputs): { labels: Value; classes: number } {
  if (target.kind !== 'classes') throw wrongTarget(type, 'a loss of numbers, such as L1Loss');
  return { labels: target.labels, classes: prediction.channels / target.labels.channels };
}

/** The numbers of a loss that compares numbers. @throws {LowformerError} `invalid-config` where its target is classes. */
export function valuesOf(type: string, { target }: LossInputs): Value {
  if (target.kind !== 'values') throw wrongTarget(type, 'a loss of classes, such as FocalLoss');
  return target.values;
}

function wrongTarget(type: string, expected: string): LowformerError {
  return new LowformerError({ code: 'invalid-config', where: 'loss', expected, received: type });
}
