/** Between Python's values and the plain data of a config. */
import { LowformerError } from '../../../core/errors.js';
import { type ConfigValue, configPath, isConfigList } from '../../../registry/config_tree.js';
import {
  isItems,
  PythonDict,
  PythonFloat,
  PythonImported,
  type PythonKey,
  PythonList,
  PythonTemplate,
  type PythonValue,
  PythonView,
  typeName,
} from './values.js';

/**
 * Plain data, as mmengine dumps it: tuples are lists, imports their paths. `_delete_` where there was nothing to delete
 * says nothing and is left out.
 * @param imported names at the top that imports have given: no keys of the config.
 */
export function toPlain({ entries }: PythonDict, imported: ReadonlySet<string>, id: string): unknown {
  const kept = new Map([...entries].filter(([key]) => typeof key !== 'string' || !imported.has(key)));
  return plain(new PythonDict(kept), id, []);
}

function plain(value: PythonValue, id: string, path: readonly PythonKey[]): unknown {
  if (value instanceof PythonFloat) return value.value;
  if (value instanceof PythonDict) {
    const entries = [...value.entries].filter(([key]) => key !== '_delete_');
    return Object.fromEntries(entries.map(([key, child]) => [String(key), plain(child, id, [...path, key])]));
  }
  if (value instanceof PythonImported && !value.isModule) return value.path;
  if (value instanceof PythonView || value instanceof PythonImported || value instanceof PythonTemplate) {
    const where = `${id}, ${configPath(path)}`;
    const hint = value instanceof PythonView ? { hint: 'Put list() around it.' } : {};
    const expected = `a value that a config can hold, not ${typeName(value)}`;
    throw new LowformerError({ code: 'invalid-config', where, expected, ...hint });
  }
  if (typeof value !== 'object' || value === null || !isItems(value)) return value;
  return value.items.map((item, i) => plain(item, id, [...path, i]));
}

/** Values of a base that is no Python: whole numbers are ints. */
export function fromPlain(value: ConfigValue): PythonValue {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : new PythonFloat(value);
  if (isConfigList(value)) return new PythonList(value.map(fromPlain));
  if (typeof value !== 'object' || value === null) return value;
  return new PythonDict(new Map(Object.entries(value).map(([key, child]) => [key, fromPlain(child)])), true);
}
