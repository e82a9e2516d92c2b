/** What a segmentor's `test_cfg` says of windows, as mmseg reads it. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { buildModel } from '../../tasks/build_model.js';
import { readReference } from '../reference.js';

const caseSchema = z.object({ model: z.looseObject({ type: z.literal('EncoderDecoder') }) });

describe('test_cfg of a segmentor', () => {
  const base = caseSchema.parse(readReference('openmmlab/slide').description).model;
  const build = (test_cfg: object | null) => {
    const model = buildModel({ ...base, test_cfg });
    if (model.task !== 'segmentation') throw new Error(model.task);
    return model;
  };

  test.each([
    [null, []],
    [{}, []],
    [{ mode: 'whole' }, []],
    [{ mode: 'whole', crop_size: [512, 512], stride: [341, 341] }, ['crop_size', 'stride']],
    [
      { subdivision_steps: 2, scale_factor: 2, subdivision_num_points: 8196 },
      ['subdivision_steps', 'scale_factor', 'subdivision_num_points'],
    ],
  ])('%j: pictures go whole', (test_cfg, unused) => {
    const model = build(test_cfg);
    expect(model.windows).toBeUndefined();
    expect(model.unused.filter((path) => path.startsWith('model.test_cfg'))).toEqual(
      unused.map((key) => `model.test_cfg.${key}`),
    );
  });

  test('windows, their sides as mmseg writes them', () => {
    expect(build({ mode: 'slide', crop_size: [64, 96], stride: [43, 96] }).windows).toEqual({
      crop: { height: 64, width: 96 },
      stride: { height: 43, width: 96 },
    });
  });

  test.each([
    [{ mode: 'slide', stride: [1, 1] }, 'model.test_cfg.crop_size: expected'],
    [{ mode: 'slide', crop_size: [64, 64] }, 'model.test_cfg.stride: expected'],
    [
      { mode: 'slide', crop_size: [64, 64], stride: [43, 65] },
      'model.test_cfg.stride: expected no more than crop_size, [64, 64]',
    ],
    [{ mode: 'slide', crop_size: [64, 0], stride: [43, 43] }, 'model.test_cfg.crop_size'],
    [{ mode: 'slid', crop_size: [64, 64], stride: [43, 43] }, 'model.test_cfg.mode: expected'],
    [{ mode: 'slide', crop_sizes: [64, 64], stride: [43, 43] }, "Did you mean 'crop_size'?"],
    [{ mod: 'whole' }, "Did you mean 'mode'?"],
  ])('%j is refused', (test_cfg, words) => {
    expect(() => build(test_cfg)).toThrow(words);
  });
});
