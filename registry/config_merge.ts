/** `_base_`: configs that inherit, merged as mmengine merges them. */
import { LowformerError } from '../core/errors.js';
import {
  type Config,
  type ConfigObject,
  type ConfigValue,
  childValue,
  configPath,
  isConfigObject,
  type OriginNode,
  plainValue,
  type Sourced,
  sourced,
} from './config_tree.js';

/** How configs are found and read: files in Node, anything else elsewhere. */
export interface ConfigReader {
  /**
   * @param reference what the user or a `_base_` names.
   * @param from the id of the config whose `_base_` it is; undefined for the config that the user names.
   * @returns `id`, the same for the same config however it is named, and fit for messages; `tree`, not yet checked.
   */
  read(reference: string, from: string | undefined): Promise<{ readonly id: string; readonly tree: unknown }>;
}

const DUMP = "mmengine resolves it: python -c \"from mmengine import Config; Config.fromfile('x.py').dump('x.json')\"";
/** What mmengine substitutes in strings: `{{ _base_.model }}`, `{{ fileDirname }}`, `{{ $HOME:~ }}`. */
const TEMPLATE = /\{\{\s*(?:_base_\.[\w.]+|file\w+|\$\w+:.*?)\s*\}\}/;

/**
 * Reads a config and its bases. Objects merge recursively, lists and scalars replace; a later file wins over its bases.
 * @throws {LowformerError} `invalid-config` for a cycle among the bases, a key that two bases of one file set, an object
 *   over a list or scalar, `_delete_` beside `_base_`, `{{ }}` templates, values that are not plain data; and whatever
 *   the reader throws.
 */
export function resolveConfig(reference: string, reader: ConfigReader): Promise<Config> {
  return resolve(reference, { reader, resolved: new Map() }, []);
}

/** More files than any config has bases. */
const MOST_FILES = 500;

interface Resolving {
  readonly reader: ConfigReader;
  /** By id: a base of many is resolved once. Thirty files that name the next one twice are a thousand million paths. */
  readonly resolved: Map<string, Config>;
}

async function resolve(reference: string, resolving: Resolving, chain: readonly string[]): Promise<Config> {
  const { reader, resolved } = resolving;
  const { id, tree } = await reader.read(reference, chain.at(-1));
  const known = resolved.get(id);
  if (known !== undefined) return known;
  if (resolved.size + chain.length >= MOST_FILES) {
    const expected = `a config of at most ${MOST_FILES} files`;
    throw new LowformerError({ code: 'invalid-config', where: `${chain.at(-1) ?? id}, _base_`, expected });
  }
  if (chain.includes(id)) {
    const expected = "a '_base_' that does not lead back to the file itself";
    const received = [...chain.slice(chain.indexOf(id)), id].join(' -> ');
    throw new LowformerError({ code: 'invalid-config', where: chain.at(-1) ?? id, expected, received });
  }
  const value = plainValue(tree, id);
  if (!isConfigObject(value)) {
    throw new LowformerError({
      code: 'invalid-config',
      where: id,
      expected: 'an object of config keys',
      received: value,
    });
  }
  const { _base_: base, ...own } = value;
  const bases: { readonly name: string; readonly config: Config }[] = [];
  for (const name of baseNames(base, id)) {
    bases.push({ name, config: await resolve(name, resolving, [...chain, id]) });
  }
  const child = sourced(ownKeys(own, id, [], bases.length > 0), id);
  const merged = mergeSourced(joinBases(bases, id), child, []);
  const sources = [...new Set([...bases.flatMap(({ config }) => config.sources), id])];
  const config = { ...merged, sources };
  resolved.set(id, config);
  return config;
}

function baseNames(base: ConfigValue | undefined, id: string): readonly string[] {
  if (base === undefined) return [];
  const names = typeof base === 'string' ? [base] : base;
  if (Array.isArray(names) && names.every((name) => typeof name === 'string')) return names;
  const expected = 'a config file, the name of a shipped config, or a list of them';
  throw new LowformerError({ code: 'invalid-config', where: `${id}, _base_`, expected, received: base });
}

/**
 * What a file says itself, without what mmengine interprets before merging.
 * `_delete_` in a file without bases deletes nothing: mmengine's own dumps carry such leftovers.
 */
function ownKeys(value: ConfigObject, id: string, path: readonly string[], inherits: boolean): ConfigObject {
  const kept = Object.entries(value).filter(([key]) => {
    if (key === '_base_') throw onlyAtTheTop(id, [...path, key]);
    if (key !== '_delete_') return true;
    if (inherits) throw deleteUnsupported(`${id}, ${configPath([...path, key])}`);
    return false;
  });
  return Object.fromEntries(kept.map(([key, child]) => [key, ownValue(child, id, [...path, key], inherits)]));
}

function ownValue(value: ConfigValue, id: string, path: readonly string[], inherits: boolean): ConfigValue {
  if (typeof value === 'string' && TEMPLATE.test(value)) {
    const expected = 'a value, not a template';
    const where = `${id}, ${configPath(path)}`;
    const hint = `Write the value itself. ${DUMP}`;
    throw new LowformerError({ code: 'invalid-config', where, expected, received: value, hint });
  }
  if (isConfigObject(value)) return ownKeys(value, id, path, inherits);
  if (typeof value === 'object' && value !== null) {
    return value.map((item, i) => ownValue(item, id, [...path, String(i)], inherits));
  }
  return value;
}

function onlyAtTheTop(id: string, path: readonly string[]): LowformerError {
  const expected = "'_base_' only at the top level of a file";
  return new LowformerError({ code: 'invalid-config', where: `${id}, ${configPath(path)}`, expected });
}

/** @param where the file or option, and the path of the key. */
export function deleteUnsupported(where: string): LowformerError {
  const hint = `Inherit from a base that does not set the keys to be deleted, or use a resolved config: ${DUMP}`;
  return new LowformerError({ code: 'invalid-config', where, expected: "no '_delete_'", hint });
}

/** Several bases side by side: as in mmengine, no two may set the same key. */
function joinBases(
  bases: readonly { readonly name: string; readonly config: Config }[],
  id: string,
): Sourced<ConfigObject> {
  const entries = new Map<string, ConfigValue>();
  const children = new Map<string, OriginNode>();
  const setBy = new Map<string, string>();
  for (const { name, config } of bases) {
    for (const [key, value] of Object.entries(config.value)) {
      const other = setBy.get(key);
      if (other !== undefined) {
        const expected = `bases that set different keys, but '${other}' and '${name}' both set '${key}'`;
        const hint = `Let one of the two be the other's '_base_'.`;
        throw new LowformerError({ code: 'invalid-config', where: `${id}, _base_`, expected, hint });
      }
      setBy.set(key, name);
      entries.set(key, value);
      const origins = config.origins.children.get(key);
      if (origins !== undefined) children.set(key, origins);
    }
  }
  return { value: Object.fromEntries(entries), origins: { origin: id, children } };
}

/** One config over another, neither changed. @throws {LowformerError} for an object over a list or scalar. */
export function mergeConfigs(base: Config, child: Config): Config {
  return {
    ...mergeSourced(base, child, []),
    sources: [...base.sources.filter((source) => !child.sources.includes(source)), ...child.sources],
  };
}

/**
 * Objects merge recursively; anything else replaces. An object may take the place of null, which holds nothing that it
 * could inherit.
 */
export function mergeSourced<Child extends ConfigValue>(
  base: Sourced,
  child: Sourced<Child>,
  path: readonly string[],
): Sourced<Child>;
export function mergeSourced(base: Sourced, child: Sourced, path: readonly string[]): Sourced {
  if (!isConfigObject(child.value) || base.value === null) return child;
  if (!isConfigObject(base.value)) throw cannotInherit(base, child, path);
  const keys = [...new Set([...Object.keys(base.value), ...Object.keys(child.value)])];
  const merged = keys.map((key) => {
    const [below, above] = [sourcedChild(base, key), sourcedChild(child, key)];
    const both = below !== undefined && above !== undefined;
    return [key, both ? mergeSourced(below, above, [...path, key]) : (above ?? below)] as const;
  });
  const present = merged.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const]));
  return {
    value: Object.fromEntries(present.map(([key, { value }]) => [key, value])),
    origins: { origin: child.origins.origin, children: new Map(present.map(([key, { origins }]) => [key, origins])) },
  };
}

/** What stands under a key, with its origins. */
export function sourcedChild({ value, origins }: Sourced, key: string): Sourced | undefined {
  const child = childValue(value, key);
  if (child === undefined) return undefined;
  return { value: child, origins: origins.children.get(key) ?? { origin: origins.origin, children: new Map() } };
}

function cannotInherit(base: Sourced, child: Sourced, path: readonly string[]): LowformerError {
  const kind = Array.isArray(base.value) ? 'a list' : `a ${typeof base.value}`;
  return new LowformerError({
    code: 'invalid-config',
    where: `${child.origins.origin}, ${configPath(path)}`,
    expected: `${kind}, as in ${base.origins.origin}`,
    received: child.value,
    hint: 'An object only merges with an object; inherit from a base that does not set this key.',
  });
}
