/** Configs that a page names by address, and what stands for a server here. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { resolveConfig } from '../../registry/config_merge.js';
import { webConfigs } from '../../web/config_source.js';

const served = new Map([
  ['https://a.example/models/mine.json', '{"_base_": "../base.json", "load_from": "mine.pth"}'],
  ['https://a.example/base.json', '{"model": {"type": "RetinaNet"}, "load_from": null}'],
  ['https://a.example/broken.json', '{"model": '],
]);
const asked: string[] = [];
vi.stubGlobal('fetch', async (address: string) => {
  asked.push(address);
  const text = served.get(address);
  return text === undefined ? new Response('', { status: 404 }) : new Response(text);
});
afterEach(() => asked.splice(0));

describe('a config that is named by its address', () => {
  test('finds its bases beside it', async () => {
    const { value, sources } = await resolveConfig('https://a.example/models/mine.json', webConfigs({}));
    expect(value).toEqual({ model: { type: 'RetinaNet' }, load_from: 'mine.pth' });
    expect(sources).toEqual(['https://a.example/base.json', 'https://a.example/models/mine.json']);
  });

  test('asks no server for files that were given', async () => {
    const files = { 'base.json': { model: { type: 'EncoderDecoder' } } };
    const { value } = await resolveConfig('https://a.example/models/mine.json', webConfigs(files));
    expect(value.model).toEqual({ type: 'EncoderDecoder' });
    expect(asked).toEqual(['https://a.example/models/mine.json']);
  });

  test.each([
    ['https://a.example/none.json', /none\.json: expected a config as JSON but received 'the answer 404'/],
    ['https://a.example/broken.json', /broken\.json: expected a config as JSON\. /],
    ['retinanet_lowformer-b0_fpn_1x_cocoo', /Did you mean 'retinanet_lowformer-b0_fpn_1x_coco'\?/],
  ])('%s is refused in words', async (name, message) => {
    await expect(resolveConfig(name, webConfigs({}))).rejects.toThrow(message);
  });
});
