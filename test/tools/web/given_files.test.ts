import { describe, expect, test } from 'vitest';
import { SHIPPED_CONFIGS } from '../../../configs/index.js';
import { givenConfigs } from '../../../models/given_configs.js';
import { openedConfig } from '../../../models/opened_config.js';
import { resolveConfig } from '../../../registry/config_merge.js';
import { sortFiles } from '../../../tools/web/prediction/sort_files.js';
import { readConfigBlob } from '../../../web/read_config.js';
import { detector } from '../tiny_models.js';

const file = (name: string, type = '', text = '') => new File([text], name, { type });

describe('files that are dropped together', () => {
  test('are told apart by their names', () => {
    const given = ['a.JPG', 'b.json', 'c.pth', 'd.safetensors', 'e.webp'].map((name) => file(name));
    const { pictures, configs, checkpoints } = sortFiles([...given, file('pasted', 'image/png')]);
    expect(pictures.map(({ name }) => name)).toEqual(['a.JPG', 'e.webp', 'pasted']);
    expect(configs.map(({ name }) => name)).toEqual(['b.json']);
    expect(checkpoints.map(({ name }) => name)).toEqual(['c.pth', 'd.safetensors']);
  });

  test.each([
    ['config.py', /^config\.py: expected a picture, a config \(\.json\) .* A page runs no code/],
    [
      'notes.txt',
      /^notes\.txt: expected a picture, a config \(\.json\) or a checkpoint \(\.safetensors, \.pth, \.pt\)$/,
    ],
  ])('%s is refused in words', (name, message) => {
    expect(() => sortFiles([file(name)])).toThrow(message);
  });
});

describe('configs among the files that were given', () => {
  const files = { 'base.json': detector, 'mine.json': { _base_: '../somewhere/base.json', load_from: null } };

  test('find their bases whatever the folder', async () => {
    const config = await resolveConfig('mine.json', givenConfigs(files));
    expect(openedConfig(config).labels?.map(({ category }) => category)).toEqual(detector.metainfo.classes);
  });

  test('may build on shipped ones, or be them', async () => {
    const [name = ''] = Object.keys(SHIPPED_CONFIGS);
    const own = { 'mine.json': { _base_: name } };
    const [first, second] = await Promise.all([
      resolveConfig('mine.json', givenConfigs(own)),
      resolveConfig(name, givenConfigs({})),
    ]);
    expect(first.value).toEqual(second.value);
  });

  test('say which file is missing', async () => {
    const missing = resolveConfig(
      'mine.json',
      givenConfigs({ 'mine.json': { _base_: './bass.json' }, 'base.json': {} }),
    );
    await expect(missing).rejects.toThrow('mine.json, _base_: expected a config among the files given here');
    await expect(missing).rejects.toThrow("Did you mean 'base.json'?");
  });

  test('are refused in words where they are no JSON', async () => {
    await expect(readConfigBlob('broken.json', file('broken.json', '', '{"model": '))).rejects.toThrow(
      /^broken\.json: expected a config as JSON\. .+\.$/,
    );
    expect(await readConfigBlob('mark.json', file('mark.json', '', '\uFEFF{"a": 1}'))).toEqual({ a: 1 });
  });
});
