/** One entry of a `param_scheduler`: what it makes of a learning rate, step by step. */
import { z } from 'zod';
import type { PartDefinition } from '../../registry/part_schema.js';
import type { LearningRate } from '../optim_wrapper/learning_rate.js';

/** A schedule at work. Each value follows from the one before, so that several can work on one rate, in turn. */
export interface Schedule {
  /**
   * The rate of the next step.
   * @param rate as the schedules before this one, and its own last step, have left it.
   * @param step 0 where the schedule begins.
   */
  next(rate: Readonly<LearningRate>, step: number): number;
}

/** When a schedule is at work: from `begin` on, until before `end`, in epochs or iterations. */
export interface Span {
  readonly begin: number;
  readonly end: number;
}

/** What `create` of a schedule gets beside its config. */
export interface Scheduled<Config> {
  readonly config: Config;
  readonly span: Span;
  /** Iterations of an epoch, where a schedule in epochs goes by iterations; else 1. Times in the config are times this. */
  readonly factor: number;
}

/** Keys of every schedule. */
export const spanKeys = {
  begin: z.number().min(0).default(0),
  end: z.number().positive().optional().describe('the end of training where absent'),
  by_epoch: z.boolean().default(true),
  convert_to_iter_based: z.boolean().default(false).describe('said in epochs, done in iterations'),
  verbose: z.boolean().optional(),
  last_step: z.literal(-1).optional(),
};

/** The keys as every schedule's config has them once checked. */
export const spanSchema = z.looseObject(spanKeys);

export type ScheduleDefinition<Type extends string, Schema extends z.ZodType> = PartDefinition<
  Type,
  Schema,
  (span: Span, factor: number) => Schedule
>;

/** A schedule of the table: its keys, to which `spanKeys` belong, and what it does. */
export const defineSchedule = <const Type extends string, Schema extends z.ZodType>(
  type: Type,
  schema: Schema,
  create: (scheduled: Scheduled<z.output<Schema>>) => Schedule,
): ScheduleDefinition<Type, Schema> => ({
  type,
  schema,
  create: (config) => (span, factor) => create({ config, span, factor }),
});
