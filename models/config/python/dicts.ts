/** Dicts as mmengine has them: ConfigDict (mmengine/config/config.py) and the merging of a config into its bases. */
import type { Budget } from './budget.js';
import {
  isTrue,
  PythonDict,
  type PythonKey,
  PythonList,
  PythonTemplate,
  PythonTuple,
  type PythonValue,
} from './values.js';

const DELETE = '_delete_';

/**
 * What stands in a ConfigDict once a value is put into it: Python's own dicts become ConfigDicts and lists are copied,
 * ConfigDicts themselves stay the ones that they are.
 */
export function hooked(value: PythonValue, budget: Budget, level = 0): PythonValue {
  budget.enter(level);
  if (value instanceof PythonDict) return value.isConfig ? value : configDict(value, budget, level);
  if (value instanceof PythonList) return new PythonList(value.items.map((item) => hooked(item, budget, level + 1)));
  if (value instanceof PythonTuple) return new PythonTuple(value.items.map((item) => hooked(item, budget, level + 1)));
  return value;
}

/** `ConfigDict(dict)`. */
export function configDict({ entries }: PythonDict, budget: Budget, level = 0): PythonDict {
  const hookedEntries = [...entries].map(([key, value]) => [key, hooked(value, budget, level + 1)] as const);
  return new PythonDict(new Map(hookedEntries), true);
}

/** A copy that shares no list and no dict, all of whose dicts are ConfigDicts: a base as its heir sees it. */
export function configCopy(value: PythonValue, budget: Budget, level = 0): PythonValue {
  budget.enter(level);
  if (value instanceof PythonDict) return configDictCopy(value, budget, level);
  if (value instanceof PythonList)
    return new PythonList(value.items.map((item) => configCopy(item, budget, level + 1)));
  if (value instanceof PythonTuple) {
    return new PythonTuple(value.items.map((item) => configCopy(item, budget, level + 1)));
  }
  return value;
}

export function configDictCopy({ entries }: PythonDict, budget: Budget, level = 0): PythonDict {
  const copies = [...entries].map(([key, value]) => [key, configCopy(value, budget, level + 1)] as const);
  return new PythonDict(new Map(copies), true);
}

/** `dict[key] = value`. */
export function setItem(dict: PythonDict, key: PythonKey, value: PythonValue, budget: Budget): void {
  budget.spend();
  dict.entries.set(key, dict.isConfig ? hooked(value, budget) : value);
}

/** `dict.update(other)`; a ConfigDict's goes into the dicts that both have. */
export function updateDict(dict: PythonDict, other: PythonDict, budget: Budget, level = 0): void {
  budget.enter(level);
  for (const [key, value] of [...other.entries]) {
    const own = dict.entries.get(key);
    const both = dict.isConfig && own instanceof PythonDict && value instanceof PythonDict;
    if (both) updateDict(own, value, budget, level + 1);
    else setItem(dict, key, value, budget);
  }
}

/** Says which key of a config keeps it from being merged, and why. */
export class MergeError extends Error {
  override readonly name = 'MergeError';
  constructor(
    readonly keys: readonly PythonKey[],
    message: string,
  ) {
    super(message);
  }
}

/** The values that templates stand for, in copies: nothing is shared with what was read, but with the bases. */
export function withoutTemplates(
  value: PythonValue,
  base: PythonDict,
  budget: Budget,
  path: readonly PythonKey[] = [],
): PythonValue {
  budget.enter(path.length);
  const below = (child: PythonValue, key: PythonKey) => withoutTemplates(child, base, budget, [...path, key]);
  if (value instanceof PythonTemplate) return templateValue(value, base, path);
  if (value instanceof PythonDict) {
    return new PythonDict(new Map([...value.entries].map(([key, child]) => [key, below(child, key)])), value.isConfig);
  }
  if (value instanceof PythonList) return new PythonList(value.items.map(below));
  return value instanceof PythonTuple ? new PythonTuple(value.items.map(below)) : value;
}

function templateValue({ keys }: PythonTemplate, base: PythonDict, path: readonly PythonKey[]): PythonValue {
  let value: PythonValue = base;
  for (const key of keys) {
    const child: PythonValue | undefined = value instanceof PythonDict ? value.entries.get(key) : undefined;
    if (child === undefined) throw new MergeError(path, `{{_base_.${keys.join('.')}}} to name a key of the bases`);
    value = child;
  }
  return value;
}

/**
 * `Config._merge_a_into_b`: dicts merge, anything else replaces, `_delete_=True` replaces a dict as a whole.
 * `_delete_` stays where the base has no such key, as it does in mmengine's own dumps.
 */
export function mergeIntoBase(
  own: PythonDict,
  base: PythonDict,
  budget: Budget,
  path: readonly PythonKey[] = [],
): PythonDict {
  budget.enter(path.length);
  const merged = new PythonDict(new Map(base.entries), true);
  for (const [key, value] of own.entries) {
    if (!(value instanceof PythonDict)) {
      setItem(merged, key, value, budget);
      continue;
    }
    const below = base.entries.get(key);
    if (below === undefined || takesPlace(value)) {
      merged.entries.set(key, configDict(value, budget));
      continue;
    }
    if (!(below instanceof PythonDict)) {
      throw new MergeError([...path, key], 'no dict over what is none in the base, or _delete_=True in it');
    }
    merged.entries.set(key, mergeIntoBase(value, below, budget, [...path, key]));
  }
  return merged;
}

function takesPlace(dict: PythonDict): boolean {
  const asked = dict.entries.get(DELETE);
  dict.entries.delete(DELETE);
  return asked !== undefined && isTrue(asked);
}

/** `ConfigDict.merge(other)`, what pure-Python configs have for `_delete_`. */
export function mergeDict(dict: PythonDict, other: PythonDict, budget: Budget): void {
  const merged = mergedOver(configDictCopy(other, budget), dict, budget);
  dict.entries.clear();
  if (merged instanceof PythonDict) for (const [key, value] of merged.entries) setItem(dict, key, value, budget);
}

function mergedOver(own: PythonValue, base: PythonValue | undefined, budget: Budget, level = 0): PythonValue {
  budget.enter(level);
  if (!(own instanceof PythonDict)) return own;
  const asked = takesPlace(own);
  if (!(base instanceof PythonDict)) return own;
  const below = asked ? new Map<PythonKey, PythonValue>() : base.entries;
  const keys = [...new Set([...below.keys(), ...own.entries.keys()])].filter((key) => key !== DELETE);
  const entries = keys.flatMap((key) => {
    const [mine, theirs] = [own.entries.get(key), below.get(key)];
    const value = mine === undefined ? theirs : mergedOver(mine, theirs, budget, level + 1);
    return value === undefined ? [] : [[key, value] as const];
  });
  return new PythonDict(new Map(entries));
}
