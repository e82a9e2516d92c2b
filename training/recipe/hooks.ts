/** mmengine's `default_hooks` and `custom_hooks`: those that training follows, and the names of the others. */
import { z } from 'zod';
import { type ParseContext, parsePart } from '../../registry/parse_module.js';
import type { CheckedPart } from '../../registry/part_schema.js';
import { averageSchema } from '../averaging/averages.js';
import { type CheckpointHookConfig, checkpointHookSchema, UNFOLLOWED_CHECKPOINT_KEYS } from './checkpoint_plan.js';
import { type EarlyStoppingConfig, earlyStoppingSchema } from './early_stopping.js';
import type { Unit } from './train_loop.js';

/** What they do is part of training anyway: order of pictures, times, schedules, invalid losses, counts of classes, statistics. */
const IMPLIED: readonly string[] = [
  'RuntimeInfoHook',
  'IterTimerHook',
  'DistSamplerSeedHook',
  'ParamSchedulerHook',
  'CheckInvalidLossHook',
  'NumClassCheckHook',
  'SyncBuffersHook',
];

const loggerSchema = z.strictObject({
  interval: z.int().positive().default(10),
  ignore_last: z.boolean().default(true),
  interval_exp_name: z.unknown().optional(),
  out_dir: z.unknown().optional(),
  out_suffix: z.unknown().optional(),
  keep_local: z.unknown().optional(),
  file_client_args: z.unknown().optional(),
  backend_args: z.unknown().optional(),
  log_metric_by_epoch: z.unknown().optional(),
  priority: z.unknown().optional(),
});

const emaSchema = z
  .looseObject({
    ema_type: z.string().default('ExponentialMovingAverage'),
    begin_iter: z.int().min(0).default(0),
    begin_epoch: z.int().min(0).default(0),
    strict_load: z.boolean().optional(),
    priority: z.unknown().optional(),
  })
  .refine(({ begin_iter, begin_epoch }) => begin_iter === 0 || begin_epoch === 0, {
    error: 'expected begin_iter or begin_epoch, not both',
    path: ['begin_epoch'],
  });

/** A moving average beside the network, and when it begins. */
export interface AveragePlan {
  readonly config: CheckedPart;
  readonly begin: { readonly unit: Unit; readonly at: number };
}

export interface Hooks {
  readonly checkpoint: CheckpointHookConfig | undefined;
  readonly logger: { readonly interval: number; readonly ignoreLast: boolean };
  readonly earlyStopping: { readonly config: EarlyStoppingConfig; readonly path: string } | undefined;
  readonly average: AveragePlan | undefined;
  /** Paths of hooks and keys that are not followed, with the types of the hooks. */
  readonly unfollowed: readonly string[];
}

/** A hook of a config, not yet checked. */
export interface GivenHook {
  readonly path: string;
  readonly hook: unknown;
}

const typed = z.looseObject({ type: z.string() });

/**
 * @param hooks of `default_hooks`, then of `custom_hooks`; the last of a type counts.
 * @throws {LowformerError} `invalid-config` with the path, for hooks that are followed.
 */
export function parseHooks(hooks: readonly GivenHook[], originOf?: ParseContext['originOf']): Hooks {
  const unfollowed: string[] = [];
  let checkpoint: CheckpointHookConfig | undefined;
  let logger: z.output<typeof loggerSchema> | undefined;
  let earlyStopping: Hooks['earlyStopping'];
  let average: AveragePlan | undefined;
  for (const { path, hook } of hooks) {
    const context = { path, ...(originOf === undefined ? {} : { originOf }) };
    const { type, ...keys } = parsePart(typed, hook, context);
    if (type === 'CheckpointHook') {
      checkpoint = parsePart(checkpointHookSchema, keys, context);
      unfollowed.push(...unfollowedKeys(checkpoint).map((key) => `${path}.${key}`));
    } else if (type === 'LoggerHook') logger = parsePart(loggerSchema, keys, context);
    else if (type === 'EarlyStoppingHook')
      earlyStopping = { config: parsePart(earlyStoppingSchema, keys, context), path };
    else if (type === 'EMAHook') average = averagePlan(keys, context);
    else if (!IMPLIED.includes(type)) unfollowed.push(`${path} (${type})`);
  }
  const { interval = 10, ignore_last: ignoreLast = true } = logger ?? {};
  return { checkpoint, logger: { interval, ignoreLast }, earlyStopping, average, unfollowed };
}

function averagePlan(keys: unknown, context: ParseContext): AveragePlan {
  const {
    ema_type: type,
    begin_iter,
    begin_epoch,
    strict_load: _,
    priority: __,
    ...options
  } = parsePart(emaSchema, keys, context);
  const config = parsePart(averageSchema, { type, ...options }, context);
  return {
    config,
    begin: begin_epoch > 0 ? { unit: 'epochs', at: begin_epoch } : { unit: 'iterations', at: begin_iter },
  };
}

/** What is written of a checkpoint hook, and done otherwise. */
function unfollowedKeys(config: CheckpointHookConfig): readonly string[] {
  const several = Array.isArray(config.save_best) && config.save_best.length > 1;
  return [
    ...UNFOLLOWED_CHECKPOINT_KEYS.filter((key) => config[key] != null),
    ...(['save_last', 'save_optimizer', 'save_param_scheduler'] as const).filter((key) => config[key] === false),
    ...(several ? ['save_best.1'] : []),
  ];
}
