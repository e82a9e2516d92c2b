/** A config as plain data, with the origin of every value beside it: what merging, overrides and printing work on. */
import { LowformerError } from '../core/errors.js';

export type ConfigValue = string | number | boolean | null | readonly ConfigValue[] | ConfigObject;
export interface ConfigObject {
  readonly [key: string]: ConfigValue;
}

/** Where a value comes from, and where the values below it do; list items stand under '0', '1' and so on. */
export interface OriginNode {
  /** A file, the name of a shipped config, `--cfg-options` or `default`. */
  readonly origin: string;
  readonly children: ReadonlyMap<string, OriginNode>;
}

/** A value of a config with its origins. */
export interface Sourced<Value extends ConfigValue = ConfigValue> {
  readonly value: Value;
  readonly origins: OriginNode;
}

/** A resolved config. */
export interface Config extends Sourced<ConfigObject> {
  /** Every origin in the order of merging, the base of all bases first. */
  readonly sources: readonly string[];
}

export const OVERRIDE_ORIGIN = '--cfg-options';
export const DEFAULT_ORIGIN = 'default';

/** Deeper than any config; a guard against files that are made to exhaust the stack. */
const DEPTH_LIMIT = 100;
/**
 * More than any config: 13,000 classes with colours, once for each of three datasets, are 200,000. A guard against files
 * that unfold, by aliases or values that stand in many places, to more than there is memory for.
 */
const VALUES_LIMIT = 500_000;

export function isConfigObject(value: ConfigValue | undefined): value is ConfigObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isConfigList(value: ConfigValue | undefined): value is readonly ConfigValue[] {
  return Array.isArray(value);
}

/** A config path as `--cfg-options` takes it: `test_pipeline.1.scale`. */
export function configPath(keys: readonly PropertyKey[]): string {
  return keys.map(String).join('.');
}

/** The value under a key of an object, or at an index of a list; undefined where there is none. */
export function childValue(value: ConfigValue | undefined, key: string): ConfigValue | undefined {
  if (isConfigList(value)) return /^\d+$/.test(key) ? value[Number(key)] : undefined;
  return isConfigObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** The children of a container by key, those of a list by index; none for a scalar. */
export function childEntries(value: ConfigValue): readonly (readonly [key: string, value: ConfigValue])[] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

/** Origins for a value that comes from one place as a whole. */
export function originsOf(value: ConfigValue, origin: string): OriginNode {
  // One node for all values without values below them: lists of numbers and names are long.
  const leaf: OriginNode = { origin, children: new Map() };
  const below = (container: ConfigValue): OriginNode => {
    const entries = childEntries(container);
    if (entries.length === 0) return leaf;
    return { origin, children: new Map(entries.map(([key, child]) => [key, below(child)])) };
  };
  return below(value);
}

/** A value that comes from one place as a whole. */
export function sourced<Value extends ConfigValue>(value: Value, origin: string): Sourced<Value> {
  return { value, origins: originsOf(value, origin) };
}

/** What stands under a key, with its origins. */
export function sourcedChild({ value, origins }: Sourced, key: string): Sourced | undefined {
  const child = childValue(value, key);
  if (child === undefined) return undefined;
  return { value: child, origins: origins.children.get(key) ?? { origin: origins.origin, children: new Map() } };
}

/**
 * The origin of what stands at a path, or of the nearest container of it that exists.
 * Keys may hold dots themselves: the longest key that fits is taken.
 */
export function originAt(origins: OriginNode, path: string): string {
  const fits = (key: string) => path === key || path.startsWith(`${key}.`);
  const key = [...origins.children.keys()].filter(fits).sort((a, b) => b.length - a.length)[0];
  const child = key === undefined ? undefined : origins.children.get(key);
  if (key === undefined || child === undefined) return origins.origin;
  return path === key ? child.origin : originAt(child, path.slice(key.length + 1));
}

/**
 * Checks that a value is plain data, and copies it.
 * @param where the file or shipped config, for messages.
 * @throws {LowformerError} `invalid-config` naming the path of a function, a class instance, `undefined`, a number that
 *   is not finite, a cycle, a key `__proto__`.
 */
export function plainValue(value: unknown, where: string): ConfigValue {
  return plain(value, { where, path: [], above: new Set(), values: 0 });
}

/** What is being copied: the path to it, the containers that it stands in, and how many values there were. */
interface Copying {
  readonly where: string;
  readonly path: string[];
  readonly above: Set<unknown>;
  values: number;
}

function plain(value: unknown, copying: Copying): ConfigValue {
  const { where, path, above } = copying;
  const fail = (found: string, hint?: string) => notPlain(where, path, found, hint);
  if (++copying.values > VALUES_LIMIT) throw notPlain(where, [], `more than ${VALUES_LIMIT} values`);
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return value;
    throw fail(String(value), 'Write a large finite number, such as 1e8, or null.');
  }
  if (value === undefined) throw fail('undefined', 'Leave the key out, or write null.');
  if (typeof value !== 'object') throw fail(`a ${typeof value}`);
  if (above.has(value)) throw fail('a value that contains itself');
  if (path.length > DEPTH_LIMIT) throw notPlain(where, path.slice(0, 3), `more than ${DEPTH_LIMIT} levels`);
  above.add(value);
  const copy = plainContainer(value, copying);
  above.delete(value);
  return copy;
}

function plainContainer(value: object, copying: Copying): ConfigValue {
  const { where, path } = copying;
  const below = (key: string, child: unknown): ConfigValue => {
    path.push(key);
    const copy = plain(child, copying);
    path.pop();
    return copy;
  };
  // Array.from also visits the holes of a sparse list.
  if (Array.isArray(value)) return Array.from(value, (item, i) => below(String(i), item));
  if (!isRecord(value)) throw notPlain(where, path, `a ${value.constructor.name}`);
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => {
      if (key === '__proto__') throw notPlain(where, path, "the key '__proto__'");
      return [key, below(key, child)];
    }),
  );
}

/** An object literal, of whichever realm. */
function isRecord(value: object): value is Readonly<Record<string, unknown>> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function notPlain(where: string, path: readonly string[], found: string, hint?: string): LowformerError {
  const place = path.length === 0 ? where : `${where}, ${configPath(path)}`;
  const expected = `plain data (objects, lists, strings, finite numbers, true, false, null), not ${found}`;
  return new LowformerError({
    code: 'invalid-config',
    where: place,
    expected,
    ...(hint === undefined ? {} : { hint }),
  });
}
