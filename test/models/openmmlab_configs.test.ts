/** Each RetinaNet and Semantic FPN among the configs of mmdet's and mmsegmentation's wheels: it opens, and its counts are PyTorch's. */
import { describe, expect, test } from 'vitest';
import { countMacs, countParameters } from '../../graph/count.js';
import { openGivenConfig } from '../../models/given_configs.js';
import { COUNTED_INPUT, OPENMMLAB_CONFIGS } from '../openmmlab_configs.js';

const open = (config: unknown) => openGivenConfig('config.json', { files: { 'config.json': config } });

test('are 59 of mmdet and 15 of mmsegmentation', () => {
  const count = (of: string) => OPENMMLAB_CONFIGS.filter(({ library }) => library === of).length;
  expect([count('mmdet'), count('mmseg')]).toEqual([59, 15]);
});

describe.each(OPENMMLAB_CONFIGS)('$library: $name', ({ config, parameters, macs, classes, palette }) => {
  test('opens, with as many parameters and multiply-accumulates as in PyTorch', async () => {
    const { model, pipeline } = await open(config);
    expect(pipeline).toBeDefined();
    expect(countParameters(model.wholeGraph)).toBe(parameters);
    expect(countMacs(model.wholeGraph, { input: COUNTED_INPUT })).toBe(macs);
  });

  test('its classes are those of its data set', async () => {
    const { labels, metaInfo } = await open(config);
    expect(labels?.map(({ category }) => category) ?? []).toEqual(classes);
    if (palette.length > 0) expect(metaInfo?.palette ?? palette).toEqual(palette);
  });
});
