/** Moving averages of a network's weights, as mmengine and mmdet compute them. */
import { z } from 'zod';
import type { ModuleConfig } from '../../registry/config_types.js';
import { type PartDefinition, type PartTable, partSchema } from '../../registry/part_schema.js';
import { moduleTable } from '../../registry/table.js';

/** How an average follows the weights. */
export interface AveragingRule {
  /** Updates from one that counts to the next. */
  readonly interval: number;
  /** Whether running statistics are averaged too; they are copied otherwise. */
  readonly updatesBuffers: boolean;
  /** The share of the newest weights. @param updates so far, those that do not count among them. */
  momentum(updates: number): number;
}

/** An average of the table. */
export const defineAverage = <const Type extends string, Schema extends z.ZodType>(
  average: PartDefinition<Type, Schema, AveragingRule>,
): PartDefinition<Type, Schema, AveragingRule> => average;

const keys = {
  interval: z.int().positive().default(1),
  update_buffers: z.boolean().default(false),
  device: z.null().optional(),
};
const momentum = z.number().gt(0).lt(1).default(0.0002).describe('the share of the newest weights');

/** averaged = (1 - momentum) averaged + momentum weights. */
export const exponentialMovingAverage = defineAverage({
  type: 'ExponentialMovingAverage',
  schema: z.strictObject({ momentum, ...keys }),
  create: (config) => ({
    interval: config.interval,
    updatesBuffers: config.update_buffers,
    momentum: () => config.momentum,
  }),
});

/** With a momentum that falls to the given one, as gamma / (gamma + updates). */
export const momentumAnnealingEma = defineAverage({
  type: 'MomentumAnnealingEMA',
  schema: z.strictObject({ momentum, gamma: z.number().positive().default(100), ...keys }),
  create: (config) => ({
    interval: config.interval,
    updatesBuffers: config.update_buffers,
    momentum: (updates) => Math.max(config.momentum, config.gamma / (config.gamma + updates)),
  }),
});

/** mmdet's, of YOLOX and RTMDet: with a momentum that falls to the given one exponentially. */
export const expMomentumEma = defineAverage({
  type: 'ExpMomentumEMA',
  schema: z.strictObject({ momentum, gamma: z.number().positive().default(2000), ...keys }),
  create: (config) => ({
    interval: config.interval,
    updatesBuffers: config.update_buffers,
    momentum: (updates) => (1 - config.momentum) * Math.exp(-(1 + updates) / config.gamma) + config.momentum,
  }),
});

/** The mean of all weights that count (Izmailov et al., arXiv 1803.05407). */
export const stochasticWeightAverage = defineAverage({
  type: 'StochasticWeightAverage',
  schema: z.strictObject(keys),
  create: ({ interval, update_buffers: updatesBuffers }) => ({
    interval,
    updatesBuffers,
    momentum: (updates) => 1 / (Math.floor(updates / interval) + 1),
  }),
});

/** One line each; no import for its side effect. */
const own = {
  ExponentialMovingAverage: exponentialMovingAverage,
  MomentumAnnealingEMA: momentumAnnealingEma,
  ExpMomentumEMA: expMomentumEma,
  StochasticWeightAverage: stochasticWeightAverage,
} as const;
type OwnAverages = typeof own;

/**
 * Every average that an `EMAHook` may name in `ema_type`, for the types of configs. A third party's joins by declaration
 * merging: `interface RegisteredAverages { readonly MyAverage: typeof myAverage }`.
 */
export interface RegisteredAverages extends OwnAverages {}

export type AverageConfig = ModuleConfig<RegisteredAverages>;

export const AVERAGES: PartTable<AveragingRule> = moduleTable('moving average', own);

export const averageSchema = partSchema<AverageConfig>(AVERAGES, 'ExponentialMovingAverage');
