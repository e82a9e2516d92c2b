/**
 * Each RetinaNet of mmdet 2.28.2 and each Semantic FPN of mmsegmentation 0.30.0, as mmengine dumps their configs: read as
 * the config is that mmdet 3.3.0 and mmsegmentation 1.2.2 have for the same network.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { openGivenConfig } from '../../models/given_configs.js';
import { OPENMMLAB_CONFIGS } from '../openmmlab_configs.js';
import { ROOT } from '../workspace.js';

const schema = z.object({
  configs: z.array(
    z.object({
      library: z.enum(['mmdet', 'mmseg']),
      /** With its folder, without `.py`. */
      file: z.string(),
      config: z.looseObject({}),
      /** The name of today's. */
      today: z.string(),
    }),
  ),
});
const { configs } = schema.parse(
  JSON.parse(gunzipSync(readFileSync(`${ROOT}test/fixtures/zoo/old_configs.json.gz`)).toString('utf8')),
);

/** Slips of today's configs, mended: the network is then that of the published checkpoint. */
const MENDED: ReadonlyMap<string, readonly string[]> = new Map([
  // Its `model` stands twice, the second time without `depth`.
  ['fpn_r101_4xb4-160k_ade20k-512x512', ['model.backbone.depth=101']],
]);

/** What inference makes of a config; the words of a refusal where there is one. */
async function facts(config: unknown, cfgOptions: readonly string[] = []) {
  try {
    const { model, pipeline, labels } = await openGivenConfig('config.json', {
      files: { 'config.json': config },
      cfgOptions,
    });
    const steps = pipeline?.filter(({ type }) => !/^(?:Load|Pack)/.test(type));
    return {
      checked: model.checked.map(({ path, config: checked }) => ({ path, checked })),
      preprocessor: inference(model.preprocessor),
      steps,
      labels,
    };
  } catch (error) {
    return error instanceof Error ? error.message : error;
  }
}

/** Without what concerns training. */
function inference(preprocessor: object): object {
  const training = ['size', 'seg_pad_val', 'size_divisor', 'batch_augments'];
  return Object.fromEntries(Object.entries(preprocessor).filter(([key]) => !training.includes(key)));
}

test('are 54 of mmdet and 15 of mmsegmentation', () => {
  const count = (of: string) => configs.filter(({ library }) => library === of).length;
  expect([count('mmdet'), count('mmseg')]).toEqual([54, 15]);
});

test.each(configs)('$library: $file is $today', async ({ library, config, today }) => {
  const todays = OPENMMLAB_CONFIGS.find(({ library: of, name }) => of === library && name === today);
  expect(todays).toBeDefined();
  const read = await facts(config);
  expect(read).toBeTypeOf('object');
  expect(read).toEqual(await facts(todays?.config, MENDED.get(today)));
});
