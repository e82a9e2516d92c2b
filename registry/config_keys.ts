/** The top-level keys of a config: which ones inference reads, and which it accepts and leaves. */
import { LowformerError } from '../core/errors.js';
import { type Config, originAt } from './config_tree.js';

/** Read by inference. */
export const INFERENCE_KEYS = [
  'model',
  'test_pipeline',
  'metainfo',
  'load_from',
  'data_preprocessor',
  'test_dataloader',
  'val_dataloader',
] as const;

/** What mmengine's Runner and the base configs of mmdet, mmseg and mmpretrain know beside those. */
const OPENMMLAB_KEYS: ReadonlySet<string> = new Set([
  'train_pipeline',
  'val_pipeline',
  'tta_pipeline',
  'train_dataloader',
  'train_cfg',
  'val_cfg',
  'test_cfg',
  'val_evaluator',
  'test_evaluator',
  'optim_wrapper',
  'optimizer',
  'param_scheduler',
  'auto_scale_lr',
  'default_scope',
  'default_hooks',
  'custom_hooks',
  'custom_imports',
  'env_cfg',
  'randomness',
  'vis_backends',
  'visualizer',
  'log_processor',
  'log_level',
  'launcher',
  'work_dir',
  'experiment_name',
  'resume',
  'cfg',
  'tta_model',
  'dataset_type',
  'data_root',
  'backend_args',
  'crop_size',
  'img_scale',
  'img_scales',
  'img_ratios',
  'norm_cfg',
  '_deprecation_',
]);

export interface UnusedKeys {
  /** OpenMMLab's own: training, evaluation loops, logging, variables of its base configs. */
  readonly openmmlab: readonly string[];
  /** Variables of the config's author, as every dumped config holds some. */
  readonly other: readonly string[];
}

/**
 * The top-level keys that inference does not read.
 * A key close to one that it does read is a slip, not a variable: close is one edit (insertion, deletion, change or swap
 * of neighbours) for short names, two for names of six letters and more. Names all in capitals are Python constants.
 * @throws {LowformerError} `invalid-config` for such a slip, naming the key that was meant.
 */
export function unusedKeys({ value, origins }: Config): UnusedKeys {
  const used: readonly string[] = INFERENCE_KEYS;
  const rest = Object.keys(value).filter((key) => !used.includes(key));
  const other = rest.filter((key) => !OPENMMLAB_KEYS.has(key));
  for (const key of other) {
    const meant = key === key.toUpperCase() ? undefined : used.find((name) => isSlipOf(name, key.toLowerCase()));
    if (meant === undefined) continue;
    throw new LowformerError({
      code: 'invalid-config',
      where: key,
      expected: `a top-level key that inference reads (${used.join(', ')}), or a name unlike them`,
      received: key,
      hint: `Did you mean '${meant}'? Set in ${originAt(origins, key)}.`,
    });
  }
  return { openmmlab: rest.filter((key) => OPENMMLAB_KEYS.has(key)), other };
}

function isSlipOf(name: string, key: string): boolean {
  return withinEdits(key, name, name.length < 6 ? 1 : 2);
}

function withinEdits(a: string, b: string, edits: number): boolean {
  if (a === b) return true;
  if (edits === 0 || Math.abs(a.length - b.length) > edits) return false;
  let same = 0;
  while (same < a.length && a[same] === b[same]) same++;
  const [x, y] = [a.slice(same), b.slice(same)];
  const swapped = `${x.charAt(1)}${x.charAt(0)}${x.slice(2)}`;
  return (
    withinEdits(x.slice(1), y.slice(1), edits - 1) ||
    withinEdits(x.slice(1), y, edits - 1) ||
    withinEdits(x, y.slice(1), edits - 1) ||
    (x.length > 1 && withinEdits(swapped, y, edits - 1))
  );
}
