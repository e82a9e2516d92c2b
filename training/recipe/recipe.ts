/** How a config says that its model is trained, but for the data: mmengine's keys, checked, and the names of what is not followed. */
import { z } from 'zod';
import { LowformerError } from '../../core/errors.js';
import { type Config, type ConfigValue, isConfigList, isConfigObject, originAt } from '../../registry/config_tree.js';
import { type ParseContext, parsePart } from '../../registry/parse_module.js';
import { bareTypes } from '../../registry/type_names.js';
import { type OptimWrapperConfig, optimWrapperSchema } from '../optim_wrapper/schema.js';
import { type ParamSchedulerConfig, parseParamScheduler, type ScheduleConfig } from '../schedules/index.js';
import { type CheckpointPlan, checkpointPlan } from './checkpoint_plan.js';
import { createEarlyStopping } from './early_stopping.js';
import { type GivenHook, type Hooks, parseHooks } from './hooks.js';
import { parseTrainLoop, type TrainConfig, type TrainLoop } from './train_loop.js';

/** A hook: the keys of those that are followed are checked when it is read. */
interface HookConfig {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** The keys of a config that `readTrainingRecipe` reads, as a person writes them. */
export interface TrainingKeys {
  readonly train_cfg: TrainConfig;
  readonly optim_wrapper: z.input<typeof optimWrapperSchema>;
  readonly param_scheduler?: ScheduleConfig | readonly ScheduleConfig[] | null;
  readonly default_hooks?: Readonly<Record<string, HookConfig | null>>;
  readonly custom_hooks?: readonly HookConfig[] | null;
  readonly randomness?: z.input<typeof randomnessSchema>;
  readonly auto_scale_lr?: z.input<typeof autoScaleSchema>;
}

export interface TrainingRecipe extends Pick<Hooks, 'logger' | 'earlyStopping' | 'average'> {
  readonly loop: TrainLoop;
  readonly optimWrapper: OptimWrapperConfig;
  readonly paramScheduler: ParamSchedulerConfig;
  readonly checkpoints: CheckpointPlan;
  /** `randomness.seed`. */
  readonly seed: number | undefined;
  /** The batch size that the learning rate is meant for, where `auto_scale_lr` is on. */
  readonly baseBatchSize: number | undefined;
  /** Paths of what the config says and training does not follow. */
  readonly unfollowed: readonly string[];
}

const randomnessSchema = z.strictObject({
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .nullish(),
  deterministic: z.boolean().optional(),
  diff_rank_seed: z.boolean().optional(),
});

const autoScaleSchema = z
  .strictObject({ enable: z.boolean().default(false), base_batch_size: z.int().positive().optional() })
  .refine(({ enable, base_batch_size: size }) => !enable || size !== undefined, {
    error: 'expected a number: the batch size that the learning rate is meant for',
    path: ['base_batch_size'],
  });

/** mmengine's own ways of running, logging and drawing. */
const UNFOLLOWED = ['env_cfg', 'vis_backends', 'visualizer', 'log_processor', 'launcher', 'custom_imports'];

/** What stood for `optim_wrapper`, `param_scheduler` and `train_cfg` before mmengine. */
const OLD_KEYS = ['optimizer', 'optimizer_config', 'lr_config', 'runner', 'total_epochs', 'checkpoint_config'];

/**
 * @param config resolved, with its overrides.
 * @throws {LowformerError} `invalid-config`, naming the path, for what is missing, unknown or wrong.
 */
export function readTrainingRecipe(config: Config): TrainingRecipe {
  const originOf = (path: string) => originAt(config.origins, path);
  const at = (path: string): ParseContext => ({ path, originOf });
  const value = (key: string): ConfigValue | undefined => {
    const found = Object.hasOwn(config.value, key) ? config.value[key] : undefined;
    return found === undefined || found === null ? undefined : bareTypes(found, [key]);
  };
  const needed = (key: string, example: string): ConfigValue => {
    const found = value(key);
    if (found === undefined) throw absent(config, key, example);
    return found;
  };
  const loop = parseTrainLoop(needed('train_cfg', "{type: 'EpochBasedTrainLoop', max_epochs: 12}"), at('train_cfg'));
  const wrapper = needed('optim_wrapper', "{optimizer: {type: 'AdamW', lr: 0.0001, weight_decay: 0.05}}");
  const optimWrapper = parsePart(optimWrapperSchema, wrapper, at('optim_wrapper'));
  const hooks = parseHooks(
    [...defaultHooks(value('default_hooks'), at('default_hooks')), ...customHooks(value('custom_hooks'))],
    originOf,
  );
  if (hooks.earlyStopping !== undefined) createEarlyStopping(hooks.earlyStopping.config, hooks.earlyStopping.path);
  const randomness = parsePart(randomnessSchema, value('randomness') ?? {}, at('randomness'));
  const scaling = parsePart(autoScaleSchema, value('auto_scale_lr') ?? {}, at('auto_scale_lr'));
  return {
    loop,
    optimWrapper,
    paramScheduler: parseParamScheduler(value('param_scheduler'), at('param_scheduler')),
    checkpoints: checkpointPlan(hooks.checkpoint, loop),
    logger: hooks.logger,
    earlyStopping: hooks.earlyStopping,
    average: hooks.average,
    seed: randomness.seed ?? undefined,
    baseBatchSize: scaling.enable ? scaling.base_batch_size : undefined,
    unfollowed: [
      ...UNFOLLOWED.filter((key) => value(key) !== undefined),
      ...halfPrecision(optimWrapper),
      ...switchedOff(value('default_hooks')),
      ...hooks.unfollowed,
    ],
  };
}

function defaultHooks(given: ConfigValue | undefined, context: ParseContext): readonly GivenHook[] {
  const hooks = parsePart(z.record(z.string(), z.unknown()), given ?? {}, context);
  return Object.entries(hooks).flatMap(([name, hook]) => {
    return hook === null ? [] : [{ path: `${context.path}.${name}`, hook }];
  });
}

/** Hooks that mmengine leaves out of its list where null stands for them, and whose work training does all the same. */
function switchedOff(given: ConfigValue | undefined): readonly string[] {
  const hooks = isConfigObject(given) ? given : {};
  const names = ['param_scheduler', 'checkpoint', 'logger'].filter((name) => hooks[name] === null);
  return names.map((name) => `default_hooks.${name} (null)`);
}

function halfPrecision({ type }: OptimWrapperConfig): readonly string[] {
  return type === 'AmpOptimWrapper' ? ['optim_wrapper.type (AmpOptimWrapper: everything is computed in float32)'] : [];
}

function customHooks(given: ConfigValue | undefined): readonly GivenHook[] {
  if (given === undefined) return [];
  if (isConfigList(given)) return given.map((hook, i) => ({ path: `custom_hooks.${i}`, hook }));
  throw new LowformerError({ code: 'invalid-config', where: 'custom_hooks', expected: 'a list', received: given });
}

function absent({ value }: Config, where: string, example: string): LowformerError {
  const old = OLD_KEYS.filter((key) => isConfigObject(value) && value[key] !== undefined && value[key] !== null);
  const today = 'What mmdet 2 and mmseg 0 wrote there is optim_wrapper, param_scheduler and train_cfg today.';
  const hint = old.length === 0 ? `For example ${where}: ${example}.` : `The config has ${old.join(', ')}. ${today}`;
  const expected = 'how the model is trained, but the key is missing';
  return new LowformerError({ code: 'invalid-config', where, expected, hint });
}
