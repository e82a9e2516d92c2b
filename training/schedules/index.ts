/** The schedules that a `param_scheduler` may name. */
import { z } from 'zod';
import { MOST_ITEMS } from '../../core/bounded_numbers.js';
import type { ModuleConfig } from '../../registry/config_types.js';
import { type ParseContext, parsePart } from '../../registry/parse_module.js';
import { type PartTable, partSchema } from '../../registry/part_schema.js';
import { moduleTable } from '../../registry/table.js';
import { cosineAnnealingLr, linearLr, polyLr } from './continuous.js';
import type { Schedule, Span } from './schedule.js';
import { constantLr, exponentialLr, multiStepLr, stepLr } from './stepwise.js';

/** One line each; no import for its side effect. */
const own = {
  ConstantLR: constantLr,
  LinearLR: linearLr,
  MultiStepLR: multiStepLr,
  StepLR: stepLr,
  ExponentialLR: exponentialLr,
  PolyLR: polyLr,
  CosineAnnealingLR: cosineAnnealingLr,
} as const;
type OwnSchedules = typeof own;

/**
 * Every schedule that a config may name, for the types of configs. A third party's joins by declaration merging:
 * `interface RegisteredSchedules { readonly MySchedule: typeof mySchedule }`.
 */
export interface RegisteredSchedules extends OwnSchedules {}

export type ScheduleConfig = ModuleConfig<RegisteredSchedules>;

export const SCHEDULES: PartTable<(span: Span, factor: number) => Schedule> = moduleTable('schedule', own);

const schema = z.array(partSchema<ScheduleConfig>(SCHEDULES)).max(MOST_ITEMS);
export type ParamSchedulerConfig = z.output<typeof schema>;

/**
 * Checks a config's `param_scheduler`: one schedule, or several that work on the learning rate in turn; none for null.
 * @throws {LowformerError} `invalid-config` with the path; that of a schedule that stands alone is `param_scheduler.0`.
 */
export function parseParamScheduler(given: unknown, context: ParseContext): ParamSchedulerConfig {
  return parsePart(schema, given == null ? [] : Array.isArray(given) ? given : [given], context);
}
