/**
 * Names of types as configs have them beside the bare ones: with a scope (`mmdet.RetinaNet`), or with the module that
 * defines them (`mmdet.models.detectors.retinanet.RetinaNet`), as dumps of pure-Python configs have it.
 */
import { LowformerError } from '../core/errors.js';
import { type ConfigObject, type ConfigValue, configPath, isConfigList, isConfigObject } from './config_tree.js';

/** Whose types are known here by their bare names. A name of anything else stays whole, for its table to know or refuse. */
const SCOPES: ReadonlySet<string> = new Set(['mmengine', 'mmcv', 'mmdet', 'mmseg', 'mmpretrain', 'mmcls', 'torch']);

/** Classes that OpenMMLab's registries have under another name. */
const REGISTERED: ReadonlyMap<string, string> = new Map([
  ['BatchNorm2d', 'BN'],
  ['SyncBatchNorm', 'SyncBN'],
  ['GroupNorm', 'GN'],
  ['LayerNorm', 'LN'],
  ['Hardswish', 'HSwish'],
  ['PretrainedInit', 'Pretrained'],
]);

/** mmengine's key for the scope of a name, beside `type`. */
const SCOPE_KEY = '_scope_';

/**
 * A part of a config with the bare name in every `type`: `RetinaNet`.
 * @param path of the part, for messages.
 * @throws {LowformerError} `invalid-config` for a `_scope_` whose types are unknown.
 */
export function bareTypes<Value extends ConfigValue>(value: Value, path: readonly string[]): Value;
export function bareTypes(value: ConfigValue, path: readonly string[]): ConfigValue {
  if (isConfigList(value)) return value.map((item, i) => bareTypes(item, [...path, String(i)]));
  if (!isConfigObject(value)) return value;
  const entries = Object.entries(value).filter(([key]) => key !== SCOPE_KEY);
  checkScope(value, path);
  return Object.fromEntries(
    entries.map(([key, child]) => [
      key,
      key === 'type' && typeof child === 'string' ? bareType(child) : bareTypes(child, [...path, key]),
    ]),
  );
}

/** `mmdet.datasets.coco.CocoDataset` -> `CocoDataset`. */
export function bareType(type: string): string {
  const parts = type.split('.');
  const [scope = ''] = parts;
  const name = parts.at(-1) ?? type;
  return parts.length > 1 && SCOPES.has(scope) ? (REGISTERED.get(name) ?? name) : type;
}

/** What to say of a type that its table does not know, where a scope or module is why; undefined where it has none. */
export function foreignScope(type: unknown): string | undefined {
  const scope = typeof type === 'string' ? /^([\w-]+)\./.exec(type)?.[1] : undefined;
  if (scope === undefined || SCOPES.has(scope)) return undefined;
  return `Names of '${scope}' are not known: those of ${[...SCOPES].join(', ')} are, with or without them before the name.`;
}

function checkScope({ [SCOPE_KEY]: scope = null }: ConfigObject, path: readonly string[]): void {
  if (scope === null || (typeof scope === 'string' && SCOPES.has(scope))) return;
  throw new LowformerError({
    code: 'invalid-config',
    where: configPath([...path, SCOPE_KEY]),
    expected: `a project whose types are known: ${[...SCOPES].join(', ')}`,
    received: scope,
  });
}
