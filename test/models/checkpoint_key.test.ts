/** Weights that lie under a key: as an option of the library and of every command that takes a checkpoint. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openNetwork, runnableNetwork } from '../../measuring/networks/network.js';
import { openConfigFor } from '../../models/checkpoint_form.js';
import { loadClassifier } from '../../models/load_model.js';
import { openModelWeights } from '../../models/network_weights.js';
import { openConfig } from '../../models/open_config.js';
import { formulaNetwork } from '../run_network.js';
import { torchFile } from '../weights/torch_file.js';

const folder = mkdtempSync(join(tmpdir(), 'lowformer-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'weights.pth');

const config = join(folder, 'config.json');
const content = {
  model: {
    type: 'ImageClassifier',
    data_preprocessor: { type: 'ClsDataPreprocessor', mean: [120, 120, 120], std: [60, 60, 60], to_rgb: true },
    backbone: { type: 'FastViT', arch: 't8' },
    head: { type: 'FastViTClsHead', num_classes: 3 },
  },
  test_pipeline: [{ type: 'LoadImageFromFile' }, { type: 'CenterCrop', crop_size: 64 }, { type: 'PackInputs' }],
};
const fused = ['model.backbone.inference_mode=true', 'model.head.inference_mode=true'];

/** A trainer's file: `model` is of another network, `swa.model` has the network's weights, fused, under names of its own. */
beforeAll(async () => {
  writeFileSync(config, JSON.stringify(content));
  const { model } = await openConfig(config, fused);
  const { parameters } = formulaNetwork(model.wholeGraph);
  const weights = Object.fromEntries(
    [...model.wholeGraph.parameters.keys()].map((name) => [`wrapper.${name}`, parameters(name)]),
  );
  const meta = { dataset_meta: { classes: ['a', 'b', 'c'] } };
  const bias = { 'other.bias': { shape: [1], data: new Float32Array(1) } };
  writeFileSync(file, torchFile({ meta, model: bias, swa: { model: weights }, epoch: 4 }));
});

test('form, classes and values are those of the key, under a trainer’s names', async () => {
  const opened = await openConfigFor(file, config, [], { checkpointKey: 'swa' });
  expect(opened.metaInfo?.classes).toEqual(['a', 'b', 'c']);
  using weights = await openModelWeights(opened, { checkpoint: file, checkpointKey: 'swa.model' }, () => {});
  expect(weights.report).toMatchObject({ missing: [], unexpected: [], mismatched: [] });
  expect(weights.report?.unwrapped?.prefix).toBe('wrapper.');
});

test('of load_from as well', async () => {
  await using model = await loadClassifier(config, {
    cfgOptions: [`load_from=${file}`],
    checkpointKey: 'swa.model.wrapper',
  });
  expect(model.report).toMatchObject({ missing: [], unexpected: [], mismatched: [] });
  expect(model.classes).toEqual(['a', 'b', 'c']);
});

test('a network is measured with it', async () => {
  const subject = { config, part: 'whole', cfgOptions: [], allowMismatch: [], checkpoint: file } as const;
  const network = await openNetwork({ ...subject, checkpointKey: 'swa' });
  using runnable = await runnableNetwork(network, [{ width: 64, height: 64 }]);
  expect(runnable.graph.parameters.size).toBeGreaterThan(10);
});

test('a key without a checkpoint is a mistake', async () => {
  const opened = await openConfig(config);
  await expect(openModelWeights(opened, { checkpointKey: 'swa' }, () => {})).rejects.toMatchObject({
    code: 'invalid-argument',
    path: 'checkpointKey',
  });
});
