/** Configs in Python: the values are mmengine's, of test/fixtures/configs/python. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { configReader } from '../../../../models/config/file.js';
import { resolveConfig } from '../../../../registry/config_merge.js';
import { type ConfigValue, isConfigObject, originAt } from '../../../../registry/config_tree.js';

const directory = fileURLToPath(new URL('../../../fixtures/configs/python/', import.meta.url));
const expected: Record<string, ConfigValue> = JSON.parse(readFileSync(join(directory, 'expected.json'), 'utf8'));
const resolve = (name: string) => resolveConfig(name, configReader({ shipped: new Map(), directory }));

/** mmengine leaves the key in what it had no base for. */
function withoutDelete(value: ConfigValue): ConfigValue {
  if (Array.isArray(value)) return value.map(withoutDelete);
  if (!isConfigObject(value)) return value;
  const entries = Object.entries(value).filter(([key]) => key !== '_delete_');
  return Object.fromEntries(entries.map(([key, child]) => [key, withoutDelete(child)]));
}

describe('equal to what mmengine reads, keys in its order', () => {
  test.each(Object.entries(expected))('%s', async (name, dumped) => {
    const { value } = await resolve(name);
    expect(value).toEqual(withoutDelete(dumped));
    expect(JSON.stringify(value)).toBe(JSON.stringify(withoutDelete(dumped)));
  });
});

test('each value has its origin: a base, as far as it has the value, else the file', async () => {
  const { origins, sources } = await resolve('inherit.py');
  expect(sources).toEqual(['_model.py', '_pipeline.json', 'inherit.py']);
  const paths = ['model.backbone.type', 'model.backbone.depth', 'model.neck.type', 'limit', 'steps.0.type', 'classes'];
  expect(paths.map((path) => originAt(origins, path))).toEqual([
    '_model.py',
    'inherit.py',
    'inherit.py',
    '_pipeline.json',
    'inherit.py',
    '_model.py',
  ]);
});

test('a base that two read is changed for neither', async () => {
  const reader = configReader({ shipped: new Map(), directory });
  const before = await resolveConfig('_model.py', reader);
  await resolveConfig('change.py', reader);
  expect((await resolveConfig('_model.py', reader)).value).toEqual(before.value);
  expect((await resolveConfig('change.py', reader)).value).toEqual((await resolve('change.py')).value);
});
