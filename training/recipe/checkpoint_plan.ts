/** mmengine's CheckpointHook: when checkpoints are written, and which are kept. */
import { z } from 'zod';
import type { BestScorePlan } from './best_score.js';
import type { TrainLoop, Unit } from './train_loop.js';

const names = z.union([z.string(), z.array(z.string()).min(1)]);
const unused = z.unknown().optional();

/** Keys that say where and under which names mmengine writes, or what its files leave out. */
export const UNFOLLOWED_CHECKPOINT_KEYS = [
  'out_dir',
  'filename_tmpl',
  'published_keys',
  'backend_args',
  'file_client_args',
] as const;

export const checkpointHookSchema = z.strictObject({
  interval: z
    .int()
    .refine((value) => value === -1 || value > 0, { error: 'expected a number above 0, or -1' })
    .optional(),
  by_epoch: z.boolean().optional(),
  save_begin: z.int().min(0).default(0),
  save_last: z.boolean().optional(),
  max_keep_ckpts: z
    .int()
    .refine((value) => value === -1 || value > 0, { error: 'expected a number above 0, or -1 for all' })
    .optional(),
  save_best: names.nullish(),
  rule: z.union([z.enum(['greater', 'less']), z.array(z.enum(['greater', 'less'])).min(1)]).nullish(),
  greater_keys: names.nullish(),
  less_keys: names.nullish(),
  save_optimizer: z.boolean().optional(),
  save_param_scheduler: z.boolean().optional(),
  priority: z.union([z.string(), z.int()]).optional(),
  out_dir: unused,
  filename_tmpl: unused,
  published_keys: unused,
  backend_args: unused,
  file_client_args: unused,
});
export type CheckpointHookConfig = z.output<typeof checkpointHookSchema>;

export interface CheckpointPlan {
  /** Every how many epochs or iterations `last.safetensors` is written, and from when on; only at the end where undefined. */
  readonly every: { readonly unit: Unit; readonly interval: number; readonly begin: number } | undefined;
  /** Of the numbered checkpoints beside `last.safetensors`; 0 for none, -1 for all. */
  readonly keep: number;
  /** What `best.safetensors` is chosen by; undefined for none. */
  readonly best: BestScorePlan | undefined;
}

/**
 * What is written out counts as for mmengine. Otherwise `last.safetensors` is written every epoch, or as often as
 * validation is due; `best.safetensors` goes by the first metric; and no numbered checkpoints are kept, which would fill a
 * disk. @param config undefined where the config has no such hook.
 */
export function checkpointPlan(config: CheckpointHookConfig | undefined, loop: TrainLoop): CheckpointPlan {
  const usual = loop.unit === 'epochs' ? 1 : (loop.validation.intervals[0]?.[1] ?? 1);
  const { interval = usual, by_epoch: byEpoch, save_begin: begin = 0, max_keep_ckpts: keep = 0 } = config ?? {};
  const unit = byEpoch === undefined ? loop.unit : byEpoch ? 'epochs' : 'iterations';
  return { every: interval === -1 ? undefined : { unit, interval, begin }, keep, best: bestPlan(config) };
}

function bestPlan(config: CheckpointHookConfig | undefined): BestScorePlan | undefined {
  if (config?.save_best === null) return undefined;
  const [metric = 'auto'] = listOf(config?.save_best) ?? [];
  const [rule] = listOf(config?.rule) ?? [];
  return { metric, rule, names: { greater: listOf(config?.greater_keys), less: listOf(config?.less_keys) } };
}

function listOf<Item extends string>(given: Item | readonly Item[] | null | undefined): readonly Item[] | undefined {
  return given == null ? undefined : typeof given === 'string' ? [given] : given;
}

/** Whether `last.safetensors` is written after so many epochs or iterations. It always is at the end. */
export function isCheckpointDue({ every }: CheckpointPlan, unit: Unit, done: number): boolean {
  if (every === undefined || every.unit !== unit || done < every.begin) return false;
  return (done - every.begin) % every.interval === 0;
}
