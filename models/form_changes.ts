import type { CheckedPart, Model } from '../tasks/model.js';

/** Whether checkpoints store one of the model's modules in several forms: many branches, or fused. */
export function hasForms({ checked }: Model): boolean {
  return checked.some(({ form }) => form !== undefined);
}

/**
 * What makes the config describe the form of a checkpoint: `model.backbone.inference_mode=true`, as `--cfg-options`
 * takes it. Nothing where it does already.
 * @param names of the checkpoint's tensors.
 */
export function formChanges({ checked }: Model, names: readonly string[]): readonly string[] {
  return checked.flatMap((part) => changesTo(part, names));
}

/** What makes a part's config describe the file's form: `model.backbone.inference_mode=true`. */
function changesTo({ path, config, form }: CheckedPart, names: readonly string[]): readonly string[] {
  const given = new Map(typeof config === 'object' && config !== null ? Object.entries(config) : []);
  return Object.entries(form?.(names) ?? {})
    .filter(([key, value]) => given.get(key) !== value)
    .map(([key, value]) => `${path}.${key}=${JSON.stringify(value)}`);
}
