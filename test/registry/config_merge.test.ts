import { describe, expect, test } from 'vitest';
import { mergeConfigs } from '../../registry/config_merge.js';
import { originAt } from '../../registry/config_tree.js';
import { configOf, fixture, randomTree, resolveAll } from './config_cases.js';

const DUMP = "mmengine resolves it: python -c \"from mmengine import Config; Config.fromfile('x.py').dump('x.json')\"";
const DELETE_HINT = `Inherit from a base that does not set the keys to be deleted, or use a resolved config: ${DUMP}`;

describe('merging, as mmengine does it', () => {
  const names = ['model', 'detector', 'small'];
  const trees = Object.fromEntries(
    [...names, 'pipeline'].map((name) => [`${name}.json`, fixture(`merge/${name}.json`)]),
  );

  test.each(names)('%s.json', async (name) => {
    expect((await resolveAll(trees, `${name}.json`)).value).toEqual(Object(fixture('merge/expected.json'))[name]);
  });

  test('every value knows its file', async () => {
    const { origins, sources } = await resolveAll(trees, 'small.json');
    expect(sources).toEqual(['model.json', 'pipeline.json', 'detector.json', 'small.json']);
    const from = (path: string) => originAt(origins, path);
    expect(from('model.type')).toBe('model.json');
    expect(from('model.backbone.arch')).toBe('detector.json');
    expect(from('model.neck.out_channels')).toBe('small.json');
    expect(from('model.neck.norm_cfg')).toBe('model.json');
    expect(from('test_pipeline.0.type')).toBe('small.json');
    expect(from('load_from')).toBe('small.json');
    expect(from('metainfo.classes')).toBe('detector.json');
  });

  test('an object takes the place of null; a scalar and a list take the place of an object', async () => {
    const base = { a: null, b: { c: 1 }, d: { e: 1 } };
    const { value } = await resolveAll({
      'b.json': base,
      'a.json': { _base_: 'b.json', a: { x: 1 }, b: [1], d: null },
    });
    expect(value).toEqual({ a: { x: 1 }, b: [1], d: null });
  });

  test('keys keep the order of the base', async () => {
    const trees = { 'b.json': { x: 1, y: 2 }, 'a.json': { _base_: ['b.json'], z: 3, y: 4 } };
    expect(Object.keys((await resolveAll(trees)).value)).toEqual(['x', 'y', 'z']);
  });

  test('_delete_ takes the place of what the base has, an object or not', async () => {
    const neck = { type: 'FPN', in_channels: [1], act: { type: 'ReLU' } };
    const { value, origins } = await resolveAll({
      'b.json': { model: { neck, head: neck, other: [1], same: neck } },
      'a.json': {
        _base_: 'b.json',
        model: {
          neck: { _delete_: true, type: 'BFP', act: { _delete_: true, inplace: true } },
          head: { _delete_: false, act: { _delete_: true, type: 'GELU' } },
          other: { _delete_: true, x: 1 },
          fresh: { _delete_: true, y: { _delete_: true } },
        },
      },
    });
    expect(value).toEqual({
      model: {
        neck: { type: 'BFP', act: { inplace: true } },
        head: { ...neck, act: { type: 'GELU' } },
        other: { x: 1 },
        same: neck,
        fresh: { y: {} },
      },
    });
    expect(originAt(origins, 'model.neck.type')).toBe('a.json');
    expect(originAt(origins, 'model.head.type')).toBe('b.json');
  });

  test('_delete_ without bases has nothing to delete: dumped configs carry it', async () => {
    const { value } = await resolveAll({ 'a.json': { optimizer_config: { _delete_: true, grad_clip: null } } });
    expect(value).toEqual({ optimizer_config: { grad_clip: null } });
  });
});

describe('laws', () => {
  const trees = Array.from({ length: 42 }, (_, i) => i + 1);

  test('an empty config changes nothing', () => {
    const empty = configOf({}, 'empty.json');
    for (const seed of trees) {
      const config = configOf(randomTree(seed));
      expect(mergeConfigs(config, empty).value).toEqual(config.value);
      expect(mergeConfigs(config, empty).origins.children).toEqual(config.origins.children);
      expect(mergeConfigs(empty, config).value).toEqual(config.value);
    }
  });

  test('a config over itself is itself', () => {
    for (const seed of trees) {
      const config = configOf(randomTree(seed));
      expect(mergeConfigs(config, config)).toEqual(config);
    }
  });

  test('associative, and on disjoint keys commutative', () => {
    for (const seed of trees) {
      const a = configOf(randomTree(seed, 'a'));
      const b = configOf(randomTree(seed + 1, 'b'), 'b.json');
      const c = configOf(randomTree(seed + 2, 'c'), 'c.json');
      const left = mergeConfigs(mergeConfigs(a, b), c);
      expect(left).toEqual(mergeConfigs(a, mergeConfigs(b, c)));
      expect(mergeConfigs(c, mergeConfigs(b, a)).value).toEqual(left.value);
    }
  });

  test('neither config is changed', () => {
    const [base, child] = [configOf({ a: { b: 1 } }), configOf({ a: { c: 2 } }, 'c.json')];
    mergeConfigs(base, child);
    expect([base.value, child.value]).toEqual([{ a: { b: 1 } }, { a: { c: 2 } }]);
  });
});

describe('errors', () => {
  const cases: readonly (readonly [name: string, trees: Readonly<Record<string, unknown>>, message: string])[] = [
    [
      'a cycle',
      { 'a.json': { _base_: 'b.json' }, 'b.json': { _base_: ['c.json'] }, 'c.json': { _base_: 'b.json' } },
      "c.json: expected a '_base_' that does not lead back to the file itself but received 'b.json -> c.json -> b.json'",
    ],
    [
      'its own base',
      { 'a.json': { _base_: 'a.json' } },
      "a.json: expected a '_base_' that does not lead back to the file itself but received 'a.json -> a.json'",
    ],
    [
      'two bases with one key',
      { 'a.json': { _base_: ['b.json', 'c.json'] }, 'b.json': { model: {}, x: 1 }, 'c.json': { x: 1 } },
      "a.json, _base_: expected bases that set different keys, but 'b.json' and 'c.json' both set 'x'. Let one of the two be the other's '_base_'.",
    ],
    [
      'an object over a list',
      { 'a.json': { _base_: 'b.json', model: { x: { y: 1 } } }, 'b.json': { model: { x: [1] } } },
      'a.json, model.x: expected a list, as in b.json but received {"y":1}. An object only merges with an object; inherit from a base that does not set this key.',
    ],
    [
      'an object over a text',
      { 'a.json': { _base_: 'b.json', model: {} }, 'b.json': { model: 'x' } },
      'a.json, model: expected a string, as in b.json but received {}. An object only merges with an object; inherit from a base that does not set this key.',
    ],
    [
      '_delete_ at the top',
      { 'a.json': { _base_: 'b.json', _delete_: true }, 'b.json': {} },
      "a.json, _delete_: expected no '_delete_' at the top level, where it deletes nothing",
    ],
    [
      '_delete_ of another kind',
      { 'a.json': { _base_: 'b.json', model: { neck: { _delete_: 'True' } } }, 'b.json': {} },
      "a.json, model.neck._delete_: expected true or false but received 'True'",
    ],
    [
      '_delete_ in a list',
      { 'a.json': { _base_: 'b.json', steps: [{ _delete_: true }] }, 'b.json': {} },
      `a.json, steps.0._delete_: expected no '_delete_'. ${DELETE_HINT}`,
    ],
    [
      'a template',
      { 'a.json': { model: { classes: ['{{ _base_.classes }}'] } } },
      `a.json, model.classes.0: expected a value, not a template but received '{{ _base_.classes }}'. Write the value itself. ${DUMP}`,
    ],
    [
      'an environment template',
      { 'a.json': { load_from: '{{$HOME:/root}}/a.pth' } },
      `a.json, load_from: expected a value, not a template but received '{{$HOME:/root}}/a.pth'. Write the value itself. ${DUMP}`,
    ],
    [
      '_base_ below the top',
      { 'a.json': { model: { _base_: 'b.json' } } },
      "a.json, model._base_: expected '_base_' only at the top level of a file",
    ],
    [
      '_base_ of another kind',
      { 'a.json': { _base_: ['b.json', 3] } },
      'a.json, _base_: expected a config file, the name of a shipped config, or a list of them but received ["b.json",3]',
    ],
    ['a list', { 'a.json': [1] }, 'a.json: expected an object of config keys but received [1]'],
    ['an empty file', { 'a.json': null }, 'a.json: expected an object of config keys but received null'],
  ];
  test.each(cases)('%s', async (_, trees, message) => {
    await expect(resolveAll(trees)).rejects.toMatchObject({ name: 'LowformerError', code: 'invalid-config', message });
  });

  test('text in double braces that mmengine would leave alone is kept', async () => {
    expect((await resolveAll({ 'a.json': { prompt: '{{ text }}' } })).value).toEqual({ prompt: '{{ text }}' });
  });
});
