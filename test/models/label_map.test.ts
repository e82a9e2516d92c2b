import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadModel, loadSegmentor } from '../../models/load_model.js';
import { openConfig, predictionParts } from '../../models/open_config.js';
import type { LoadOptions } from '../../models/options.js';
import { createPartedPredictor } from '../../tasks/parted_predictor.js';
import { classifier, drawPicture, onMultiplesOf32, segmentor, writeModel } from '../tools/tiny_models.js';

const folder = mkdtempSync(join(tmpdir(), 'lowformer-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function written(
  name: string,
  config: { readonly model: object },
): Promise<readonly [path: string, options: LoadOptions]> {
  await writeModel(folder, name, config);
  return [join(folder, `${name}.json`), { checkpoint: join(folder, `${name}.safetensors`) }];
}

const asItIs = { test_pipeline: [{ type: 'LoadImageFromFile' }, { type: 'PackSegInputs' }] };

test.each<[string, { readonly model: object }, LoadOptions['passes']]>([
  ['resized', segmentor, {}],
  ['padded for the network', onMultiplesOf32(segmentor), {}],
  ['as it is, in bytes', { ...segmentor, ...asItIs }, { packedPixels: true }],
])('a segmentor that gives out its labels, pictures %s: the same labels', async (name, config, others) => {
  const [path, options] = await written(name, config);
  await using scores = await loadSegmentor(path, options);
  await using labels = await loadSegmentor(path, { ...options, passes: { labelMap: true, ...others } });
  // Two of one size, and one that comes to that size from another.
  const pictures = [drawPicture(101, 75), drawPicture(101, 75, 120), drawPicture(202, 150), drawPicture(64, 90, 90)];
  const expected = await scores.predictBatch(pictures);
  expect(expected.some(({ classes }) => classes.length > 1)).toBe(true);
  expect(await labels.predictBatch(pictures)).toEqual(expected);
});

const [flip, pack] = [{ type: 'RandomFlip', prob: 1 }, { type: 'PackSegInputs' }];
const looks = {
  tta_model: { type: 'SegTTAModel' },
  tta_pipeline: [{ type: 'TestTimeAug', transforms: [[flip], [pack]] }],
};
const slide = { mode: 'slide', crop_size: [40, 30], stride: [25, 20] };
const threshold = { ...segmentor.model.decode_head, num_classes: 2, out_channels: 1, threshold: 0.3 };

const BINARY = {
  ...segmentor,
  metainfo: { classes: ['a', 'b'] },
  model: { ...segmentor.model, decode_head: threshold },
};

test.each<[string, { readonly model: object }, LoadOptions]>([
  ["a segmentor but received 'classification'", classifier, {}],
  [
    'pictures that go whole, test_cfg.mode=whole,',
    { ...segmentor, model: { ...segmentor.model, test_cfg: slide } },
    {},
  ],
  ['one look at each picture', { ...segmentor, ...looks }, { tta: true }],
  ['a segmentor with an output a class', BINARY, {}],
])('refused: expected %s', async (message, config, more) => {
  const [path, options] = await written('refused', config);
  await expect(loadModel(path, { ...options, ...more, passes: { labelMap: true } })).rejects.toMatchObject({
    code: 'invalid-argument',
    message: expect.stringContaining(`passes.labelMap: expected ${message}`),
  });
});

test('a picture in parts is refused', async () => {
  const [path] = await written('rows', segmentor);
  const opened = await openConfig(path);
  const runner = { run: () => Promise.reject(new Error('a run')) };
  const predict = createPartedPredictor({ model: opened.model, ...predictionParts(opened), runner, labelled: true });
  const image = drawPicture(101, 75);
  const picture = { ...image, read: async () => image, [Symbol.asyncDispose]: async () => {} };
  await expect(predict(picture, {}, 'p')).rejects.toMatchObject({
    message: expect.stringContaining('passes.labelMap: expected scores, for pictures in parts, but received'),
  });
});
