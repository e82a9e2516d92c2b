/** Which of two values of a metric is better, as mmengine tells it from the metric's name. */
import { LowformerError } from '../../core/errors.js';

export type MetricRule = 'greater' | 'less';

const GREATER = ['acc', 'top', 'AR@', 'auc', 'precision', 'mAP', 'mDice', 'mIoU', 'mAcc', 'aAcc'];
const LESS = ['loss'];

/** Names, or parts of names, of metrics by their rule, beside or instead of the usual ones. */
export interface MetricNames {
  readonly greater?: readonly string[] | undefined;
  readonly less?: readonly string[] | undefined;
}

/**
 * @param metric such as `coco/bbox_mAP`. @param where the config says which metric it is, for messages.
 * @throws {LowformerError} `invalid-config` for a name that says nothing.
 */
export function metricRule(
  metric: string,
  where: string,
  { greater = GREATER, less = LESS }: MetricNames = {},
): MetricRule {
  const name = metric.toLowerCase();
  const [more, fewer] = [greater, less].map((names) => names.map((part) => part.toLowerCase()));
  if (more?.includes(name) === true) return 'greater';
  if (fewer?.includes(name) === true) return 'less';
  if (more?.some((part) => name.includes(part)) === true) return 'greater';
  if (fewer?.some((part) => name.includes(part)) === true) return 'less';
  const expected =
    "a metric whose name tells whether more or less is better, or a rule ('greater' or 'less') beside it";
  throw new LowformerError({ code: 'invalid-config', where, expected, received: metric });
}

export function isBetter(rule: MetricRule, value: number, than: number): boolean {
  return rule === 'greater' ? value > than : value < than;
}

/** What any value is better than. */
export function worst(rule: MetricRule): number {
  return rule === 'greater' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** What mmseg's metrics are called, with or without a prefix: it logs them in percent, and here they are fractions of 1. */
const PERCENT = /(?:^|\/)(?:aAcc|m(?:IoU|Acc|Dice|Fscore|Precision|Recall))$/;

/** A figure of a config, such as a threshold, in the unit that validation here gives the metric in. */
export function inOurUnit(metric: string, value: number): number {
  return PERCENT.test(metric) ? value / 100 : value;
}
