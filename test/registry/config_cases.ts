import { readFileSync } from 'node:fs';
import { type ConfigReader, resolveConfig } from '../../registry/config_merge.js';
import { type Config, type ConfigValue, isConfigObject, plainValue, sourced } from '../../registry/config_tree.js';
import { seededRandom } from '../random.js';

/** A file of test/fixtures/configs. */
export function fixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../fixtures/configs/${name}`, import.meta.url), 'utf8'));
}

/** Configs by name, without files. */
export function memoryReader(trees: Readonly<Record<string, unknown>>): ConfigReader {
  return {
    async read(reference) {
      if (!Object.hasOwn(trees, reference)) throw new Error(`no config ${reference}`);
      return { id: reference, tree: trees[reference] };
    },
  };
}

export function resolveAll(trees: Readonly<Record<string, unknown>>, reference = 'a.json'): Promise<Config> {
  return resolveConfig(reference, memoryReader(trees));
}

/** A config from one file. */
export function configOf(tree: unknown, source = 'a.json'): Config {
  const value = plainValue(tree, source);
  if (!isConfigObject(value)) throw new Error('a config is an object');
  return { ...sourced(value, source), sources: [source] };
}

/** The message of what a function throws. */
export function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'nothing was thrown';
}

/** Trees of every kind of value, the same for the same seed. */
export function randomTree(seed: number, prefix = ''): Readonly<Record<string, ConfigValue>> {
  const next = seededRandom(seed);
  const words = [
    'on_input',
    'true',
    'no',
    '1e5',
    '',
    ' a',
    'red cell',
    'a: b',
    '# c',
    "it's",
    'ü\u2028\n',
    '- x',
    '~',
    '.5',
    '0x1',
  ];
  const value = (depth: number): ConfigValue => {
    const kind = Math.floor(next() * (depth > 3 ? 5 : 8));
    if (kind === 0) return null;
    if (kind === 1) return next() < 0.5;
    if (kind === 2) return Math.floor(next() * 2000) - 1000;
    if (kind === 3) return (next() - 0.5) * 10 ** Math.floor(next() * 30 - 15);
    if (kind === 4) return words[Math.floor(next() * words.length)] ?? '';
    const size = Math.floor(next() * 5);
    if (kind === 5) return Array.from({ length: size * 4 }, () => Math.floor(next() * 1e6));
    if (kind === 6) return Array.from({ length: size }, () => value(depth + 1));
    return object(depth + 1, size);
  };
  const object = (depth: number, size: number) =>
    Object.fromEntries(Array.from({ length: size }, (_, i) => [`${prefix}${words[i * 2] || 'key'}${i}`, value(depth)]));
  return object(0, 6);
}
