/**
 * Configs in Python, as mmengine's `Config.fromfile` reads them, and without running any: a subset of Python (variables,
 * dicts, lists, texts, arithmetic, comprehensions, the bases) is evaluated over its syntax tree, the rest is refused.
 */
import { LowformerError } from '../../../core/errors.js';
import { type ConfigHeir, joinBases, type NamedBase } from '../../../registry/config_merge.js';
import { type Config, configPath, isConfigObject, plainValue } from '../../../registry/config_tree.js';
import { type NamedBases, namedBases } from './bases.js';
import { Budget, BudgetError } from './budget.js';
import { configDictCopy, MergeError, mergeIntoBase, withoutTemplates } from './dicts.js';
import { originsOver } from './origins.js';
import type { Scope } from './scope.js';
import { execute, topStatements } from './statements.js';
import { invalid, parsePython } from './syntax.js';
import { fillsIn } from './templates.js';
import { fromPlain, toPlain } from './trees.js';
import { PythonDict, type PythonValue } from './values.js';

/** What Python tells apart and a config's tree does not: tuples from lists, 1.0 from 1, imports from texts. */
interface PythonConfig {
  readonly values: PythonDict;
  readonly imported: ReadonlySet<string>;
  readonly style: NamedBases['style'];
}

/** By the configs that they have become. */
const READ = new WeakMap<Config, PythonConfig>();

/**
 * @param path of the file, absolute; the values of `{{ fileDirname }}` and its like.
 * @param id the file's name in messages.
 * @returns the bases, and the config once they are resolved.
 * @throws {LowformerError} `unreadable-file` for what is no Python, `invalid-config` for what is not read of it, with
 *   line and column.
 */
export async function readPythonConfig(text: string, path: string, id: string): Promise<ConfigHeir> {
  const source = await parsePython(text, id);
  const newScope = (names: Map<string, PythonValue>): Scope => ({
    source,
    budget: new Budget(),
    names,
    local: new Map(),
    imported: new Set(),
    level: 0,
    filled: fillsIn(path, process.env),
  });
  const start = newScope(new Map());
  const named = namedBases(topStatements(start), start);
  return {
    bases: named.references,
    resolve: (bases) => bounded(id, () => resolveOver(bases, named, newScope)),
  };
}

function resolveOver(
  bases: readonly NamedBase[],
  named: NamedBases,
  newScope: (names: Map<string, PythonValue>) => Scope,
): Config {
  const scope = newScope(new Map());
  const read = bases.map(({ config }) => READ.get(config) ?? { ...plainBase(config), style: undefined });
  checkStyles(bases, read, named, scope);
  const values = named.style === 'imports' ? importing(read, named, scope) : inheriting(bases, read, named, scope);
  const { id } = scope.source;
  const value = toPlain(values, scope.imported, id);
  const tree = plainValue(value, id);
  if (!isConfigObject(tree)) throw new Error('a dict is an object');
  const config: Config = {
    value: tree,
    origins: originsOver(
      tree,
      bases.map(({ config }) => config),
      id,
    ),
    sources: [...new Set([...bases.flatMap(({ config }) => config.sources), id])],
  };
  READ.set(config, { values, imported: scope.imported, style: named.style });
  return config;
}

function plainBase(config: Config): Omit<PythonConfig, 'style'> {
  const values = fromPlain(config.value);
  return { values: values instanceof PythonDict ? values : new PythonDict(new Map()), imported: new Set() };
}

/** mmengine's two kinds of configs do not inherit from one another: each would be read by the other's rules. */
function checkStyles(
  bases: readonly NamedBase[],
  read: readonly PythonConfig[],
  named: NamedBases,
  { source }: Scope,
): void {
  for (const [i, { style }] of read.entries()) {
    if (style === undefined || style === named.style) continue;
    const [own, other] = style === 'imports' ? ['_base_', 'read_base()'] : ['read_base()', '_base_'];
    const expected = `a base in the same style, '${own}', but '${bases[i]?.name}' is one of '${other}'`;
    throw invalid(source, source.tree, expected);
  }
}

/** `_base_`: the file sees its bases as `_base_`, may change them, and is merged into them. */
function inheriting(
  bases: readonly NamedBase[],
  read: readonly PythonConfig[],
  named: NamedBases,
  scope: Scope,
): PythonDict {
  const { names, budget } = scope;
  joinBases(bases, scope.source.id);
  const base = new PythonDict(new Map(read.flatMap(({ values }) => [...configDictCopy(values, budget).entries])), true);
  names.set('_base_', base);
  for (const statement of named.statements) execute(statement, scope);
  names.delete('_base_');
  const own = withoutTemplates(new PythonDict(keysOf(names)), base, budget);
  const merged = own instanceof PythonDict ? mergeIntoBase(own, base, budget) : base;
  merged.entries.delete('_deprecation_');
  return new PythonDict(keysOf(merged.entries), true);
}

/** `read_base()`: the variables of the bases are the file's own. */
function importing(read: readonly PythonConfig[], named: NamedBases, scope: Scope): PythonDict {
  const { names, imported, budget, source } = scope;
  for (const [i, { values, imported: below }] of read.entries()) {
    const base = configDictCopy(values, budget);
    for (const name of below) imported.add(name);
    for (const { name, alias, node } of named.imports[i]?.names ?? []) {
      if (name === '*') for (const [key, value] of base.entries) names.set(String(key), value);
      const value = base.entries.get(name);
      if (value !== undefined) names.set(alias, value);
      else if (name !== '*') throw invalid(source, node, 'a variable of the base', { received: name });
    }
  }
  for (const statement of named.statements) execute(statement, scope);
  return configDictCopy(new PythonDict(keysOf(names)), budget);
}

function keysOf<Key extends string | number>(names: ReadonlyMap<Key, PythonValue>): Map<Key, PythonValue> {
  return new Map([...names].filter(([name]) => !String(name).startsWith('__')));
}

/** Says in which file what is too much, or cannot be merged, is. */
function bounded(id: string, resolve: () => Config): Config {
  try {
    return resolve();
  } catch (error) {
    if (error instanceof MergeError) {
      const where = `${id}, ${configPath(error.keys)}`;
      throw new LowformerError({ code: 'invalid-config', where, expected: error.message });
    }
    if (error instanceof BudgetError) {
      throw new LowformerError({ code: 'invalid-config', where: id, expected: error.message });
    }
    if (!(error instanceof RangeError)) throw error;
    const expected = 'values that do not contain themselves';
    throw new LowformerError({ code: 'invalid-config', where: id, expected, cause: error });
  }
}
