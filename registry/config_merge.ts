/** `_base_`: configs that inherit, merged as mmengine merges them. */
import { LowformerError } from '../core/errors.js';
import { DELETE, type Deletes, DUMP, isDeleteKept, withoutDelete } from './config_delete.js';
import {
  type Config,
  type ConfigObject,
  type ConfigValue,
  configPath,
  isConfigObject,
  type OriginNode,
  plainValue,
  type Sourced,
  sourced,
  sourcedChild,
} from './config_tree.js';

/** How configs are found and read: files in Node, anything else elsewhere. */
export interface ConfigReader {
  /**
   * @param reference what the user or a `_base_` names.
   * @param from the id of the config whose `_base_` it is; undefined for the config that the user names.
   * @returns `id`, the same for the same config however it is named, and fit for messages; `tree`, not yet checked, or
   *   `heir` for a config that computes with its bases.
   */
  read(reference: string, from: string | undefined): Promise<GivenConfig>;
}

export type GivenConfig =
  | { readonly id: string; readonly tree: unknown }
  | { readonly id: string; readonly heir: ConfigHeir };

/** A config whose values follow from those of its bases by more than merging. */
export interface ConfigHeir {
  /** As in `_base_`. */
  readonly bases: readonly string[];
  /** @returns the whole config, that of its bases included. @throws {LowformerError} */
  resolve(bases: readonly NamedBase[]): Config;
}

/** A base with the name that its heir has for it. */
export interface NamedBase {
  readonly name: string;
  readonly config: Config;
}

/** What mmengine substitutes in strings: `{{ _base_.model }}`, `{{ fileDirname }}`, `{{ $HOME:~ }}`. */
const TEMPLATE = /\{\{\s*(?:_base_\.[\w.]+|file\w+|\$\w+:.*?)\s*\}\}/;

/**
 * Reads a config and its bases. Objects merge recursively, lists and scalars replace, and so does an object with
 * `_delete_: true`; a later file wins over its bases.
 * @throws {LowformerError} `invalid-config` for a cycle among the bases, a key that two bases of one file set, an object
 *   over a list or scalar without `_delete_`, `_delete_` where mmengine deletes nothing, `{{ }}` templates, values that
 *   are not plain data; and whatever the reader throws.
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
  const given = await reader.read(reference, chain.at(-1));
  const { id } = given;
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
  const config = 'heir' in given ? await resolveHeir(given) : await resolveTree(given.tree);
  resolved.set(id, config);
  return config;

  async function resolveBases(names: readonly string[]): Promise<readonly NamedBase[]> {
    const bases: NamedBase[] = [];
    for (const name of names) bases.push({ name, config: await resolve(name, resolving, [...chain, id]) });
    return bases;
  }

  async function resolveHeir({ heir }: { readonly heir: ConfigHeir }): Promise<Config> {
    return heir.resolve(await resolveBases(heir.bases));
  }

  async function resolveTree(tree: unknown): Promise<Config> {
    const { _base_: base, ...own } = checkedTree(tree, id);
    const bases = await resolveBases(baseNames(base, id));
    const child = sourced(ownKeys(own, id, [], bases.length > 0 ? 'kept' : 'dropped'), id);
    const merged = withoutDelete(mergeSourced(joinBases(bases, id), child, []));
    return { ...merged, sources: [...new Set([...bases.flatMap(({ config }) => config.sources), id])] };
  }
}

function checkedTree(tree: unknown, id: string): ConfigObject {
  const value = plainValue(tree, id);
  if (!isConfigObject(value)) {
    throw new LowformerError({
      code: 'invalid-config',
      where: id,
      expected: 'an object of config keys',
      received: value,
    });
  }
  return value;
}

function baseNames(base: ConfigValue | undefined, id: string): readonly string[] {
  if (base === undefined) return [];
  const names = typeof base === 'string' ? [base] : base;
  if (Array.isArray(names) && names.every((name) => typeof name === 'string')) return names;
  const expected = 'a config file, the name of a shipped config, or a list of them';
  throw new LowformerError({ code: 'invalid-config', where: `${id}, _base_`, expected, received: base });
}

/** What a file says itself, without what mmengine interprets before merging. */
function ownKeys(value: ConfigObject, id: string, path: readonly string[], deletes: Deletes): ConfigObject {
  const kept = Object.entries(value).filter(([key, child]) => {
    if (key === '_base_') throw onlyAtTheTop(id, [...path, key]);
    return key !== DELETE || isDeleteKept(child, { id, path, deletes });
  });
  return Object.fromEntries(kept.map(([key, child]) => [key, ownValue(child, id, [...path, key], deletes)]));
}

function ownValue(value: ConfigValue, id: string, path: readonly string[], deletes: Deletes): ConfigValue {
  if (typeof value === 'string' && TEMPLATE.test(value)) {
    const expected = 'a value, not a template';
    const where = `${id}, ${configPath(path)}`;
    const hint = `Write the value itself. ${DUMP}`;
    throw new LowformerError({ code: 'invalid-config', where, expected, received: value, hint });
  }
  if (isConfigObject(value)) return ownKeys(value, id, path, deletes);
  if (typeof value === 'object' && value !== null) {
    return value.map((item, i) => ownValue(item, id, [...path, String(i)], deletes === 'kept' ? 'refused' : deletes));
  }
  return value;
}

function onlyAtTheTop(id: string, path: readonly string[]): LowformerError {
  const expected = "'_base_' only at the top level of a file";
  return new LowformerError({ code: 'invalid-config', where: `${id}, ${configPath(path)}`, expected });
}

/** Several bases side by side: as in mmengine, no two may set the same key. */
export function joinBases(bases: readonly NamedBase[], id: string): Sourced<ConfigObject> {
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
  if (!isConfigObject(child.value) || base.value === null || child.value[DELETE] === true) return child;
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
