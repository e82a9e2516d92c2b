/** `_delete_: true` in an object: it takes the place of what the base has there, as in mmengine. */
import { LowformerError } from '../core/errors.js';
import { type ConfigValue, configPath, isConfigObject, type Sourced, sourcedChild } from './config_tree.js';

export const DELETE = '_delete_';
/** The way out where a config asks for more than is read. */
export const DUMP =
  "mmengine resolves it: python -c \"from mmengine import Config; Config.fromfile('x.py').dump('x.json')\"";

/**
 * What `_delete_` is for an object of a file: kept until it is merged; dropped in a file without bases, where it deletes
 * nothing (mmengine's own dumps carry such leftovers); refused in a list, which replaces that of the base anyway.
 */
export type Deletes = 'kept' | 'dropped' | 'refused';

interface Place {
  readonly id: string;
  /** Of the object that holds the key. */
  readonly path: readonly string[];
  readonly deletes: Deletes;
}

/** @throws {LowformerError} `invalid-config` at the top level, in a list, and for what is neither true nor false. */
export function isDeleteKept(value: ConfigValue, { id, path, deletes }: Place): boolean {
  if (deletes === 'dropped') return false;
  const where = `${id}, ${configPath([...path, DELETE])}`;
  if (deletes === 'refused') throw deleteUnsupported(where);
  if (path.length === 0) {
    // mmengine takes it for a key of the config's own.
    const expected = `no '${DELETE}' at the top level, where it deletes nothing`;
    throw new LowformerError({ code: 'invalid-config', where, expected });
  }
  if (typeof value === 'boolean') return true;
  throw new LowformerError({ code: 'invalid-config', where, expected: 'true or false', received: value });
}

/** @param where the file or option, and the path of the key. */
export function deleteUnsupported(where: string): LowformerError {
  const hint = `Inherit from a base that does not set the keys to be deleted, or use a resolved config: ${DUMP}`;
  return new LowformerError({ code: 'invalid-config', where, expected: "no '_delete_'", hint });
}

/** `_delete_` has done what it does, or had nothing to delete. */
export function withoutDelete<Value extends ConfigValue>(merged: Sourced<Value>): Sourced<Value>;
export function withoutDelete({ value, origins }: Sourced): Sourced {
  if (!isConfigObject(value)) return { value, origins };
  const entries = Object.entries(value).filter(([key]) => key !== DELETE);
  const kept = entries.flatMap(([key]) => {
    const child = sourcedChild({ value, origins }, key);
    return child === undefined ? [] : [[key, withoutDelete(child)] as const];
  });
  return {
    value: Object.fromEntries(kept.map(([key, child]) => [key, child.value])),
    origins: { origin: origins.origin, children: new Map(kept.map(([key, child]) => [key, child.origins])) },
  };
}
