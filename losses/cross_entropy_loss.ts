/** Cross entropy over softmax or a sigmoid a class, as mmdet 3's and mmseg 1's CrossEntropyLoss. */
import { z } from 'zod';
import { LowformerError } from '../core/errors.js';
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import { arithmetic } from './arithmetic.js';
import { oneHotOf } from './class_target.js';
import { defineLoss, type LossInputs } from './loss.js';
import { reduced, reductionKeys } from './reduction.js';

const schema = z.strictObject({
  use_sigmoid: z.boolean().default(false).describe('a sigmoid a class, in the place of softmax over all'),
  use_mask: z.literal(false).default(false),
  class_weight: z.array(z.number()).nullable().default(null).describe('one a class'),
  ignore_index: z
    .int()
    .nullable()
    .default(null)
    .describe("the label that does not count, where the head's does not say"),
  avg_non_ignore: z.boolean().default(false).describe('a mean over the labels that count, in the place of all'),
  loss_name: z.string().default('loss_ce').describe('what it is logged as'),
  ...reductionKeys,
});
type Config = z.output<typeof schema>;

/** torch's own, which no label is. */
const NO_LABEL = -100;

export const crossEntropyLoss = defineLoss({
  type: 'CrossEntropyLoss',
  schema,
  create: (config) => ({
    type: 'CrossEntropyLoss',
    name: config.loss_name,
    uses: ['detection', 'segmentation'],
    build: (g, inputs) => (config.use_sigmoid ? ofSigmoids(g, inputs, config) : ofSoftmax(g, inputs, config)),
  }),
});

function ofSoftmax(g: GraphBuilder, inputs: LossInputs, config: Config): Value {
  const { multiply, scale, sum } = arithmetic(g);
  const { prediction, target, use } = inputs;
  if (target.kind !== 'classes') throw unfit('use_sigmoid', 'true, for what is told apart here has no classes');
  const { labels } = target;
  const classes = prediction.channels / labels.channels;
  const ignored = ignoredBy(inputs, config);
  const weights = classWeights(config, classes);
  // An ignored label beyond the classes has no channel; one among them gets the weight 0.
  const counting =
    ignored >= 0 && ignored < classes
      ? (weights ?? new Array<number>(classes).fill(1)).map((weight, index) => (index === ignored ? 0 : weight))
      : weights;
  const truth = oneHotOf(g, labels, classes, counting);
  const logarithms = g.emit('logSoftmax', [prediction], { groups: labels.channels });
  const loss = scale(g.emit('sumChannelGroups', [multiply(truth, logarithms)], { size: classes }), -1);

  if (inputs.averageFactor !== undefined || config.reduction !== 'mean') return reduced(g, loss, inputs, config);
  if (use === 'segmentation' && weights !== undefined) {
    const averaged = config.avg_non_ignore ? truth : oneHotOf(g, labels, classes, weights);
    return reduced(g, loss, inputs, config, sum(averaged));
  }
  return reduced(g, loss, inputs, config, config.avg_non_ignore ? sum(others(g, labels, ignored)) : undefined);
}

function ofSigmoids(g: GraphBuilder, inputs: LossInputs, config: Config): Value {
  const { multiply, scale, shift, add, subtract, softplus, sum } = arithmetic(g);
  const { prediction, target, averageFactor } = inputs;
  const given = target.kind === 'classes' ? target.labels : target.values;
  const perLabel = prediction.channels / given.channels;
  const weights = classWeights(config, perLabel);
  if (target.kind === 'values' && weights !== undefined) throw unfit('class_weight', 'none, for there are no classes');
  const truth = target.kind === 'classes' ? oneHotOf(g, given, perLabel) : given;
  const counts = multiply(g.emit('within', [given], { min: 0 }), others(g, given, ignoredBy(inputs, config)));

  // torch's pos_weight: what a class's own probability counts, against that of its absence.
  const loss =
    target.kind === 'classes' && weights !== undefined
      ? add(
          multiply(oneHotOf(g, given, perLabel, weights), softplus(scale(prediction, -1))),
          multiply(shift(scale(truth, -1), 1), softplus(prediction)),
        )
      : subtract(softplus(prediction), multiply(truth, prediction));
  const mean = config.reduction === 'mean' && averageFactor === undefined && config.avg_non_ignore;
  return reduced(
    g,
    loss,
    { ...inputs, weight: countingWeight(g, counts, inputs.weight) },
    config,
    mean ? scale(sum(counts), perLabel) : averageFactor,
  );
}

/** Weights of groups, and 0 or 1 of each label: the finer of the two has the result's channels. */
function countingWeight(g: GraphBuilder, counts: Value, weight: Value | undefined): Value {
  if (weight === undefined) return counts;
  const times = counts.channels / weight.channels;
  return g.emit('multiply', [counts, times === 1 ? weight : g.emit('repeatChannels', [weight], { times })], {});
}

/** 1 where a label is another than this. */
function others(g: GraphBuilder, labels: Value, ignored: number): Value {
  const { affine, equals } = arithmetic(g);
  return affine(equals(labels, ignored), -1, 1);
}

function ignoredBy({ ignoreIndex }: LossInputs, { ignore_index }: Config): number {
  return ignoreIndex ?? ignore_index ?? NO_LABEL;
}

function classWeights({ class_weight }: Config, classes: number): readonly number[] | undefined {
  if (class_weight !== null && class_weight.length !== classes) throw unfit('class_weight', `${classes} numbers`);
  return class_weight ?? undefined;
}

function unfit(key: string, expected: string): LowformerError {
  return new LowformerError({ code: 'invalid-config', where: `CrossEntropyLoss.${key}`, expected });
}
