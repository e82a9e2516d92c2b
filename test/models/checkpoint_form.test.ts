/** Checkpoints that come with their branches fused, or apart, whatever the config says. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tensor } from '../../core/tensor.js';
import { openNetwork, runnableNetwork } from '../../measuring/networks/network.js';
import { openConfigFor } from '../../models/checkpoint_form.js';
import { loadClassifier } from '../../models/load_model.js';
import { openModelWeights } from '../../models/network_weights.js';
import { openConfig } from '../../models/open_config.js';
import type { ClassificationConfig, DetectionConfig } from '../../tasks/config.js';
import { writeSafetensors } from '../../weights/safetensors.js';
import { formulaInput } from '../formula_weights.js';
import { formulaNetwork, relativeError, runNetwork } from '../run_network.js';

const folder = mkdtempSync(join(tmpdir(), 'lowformer-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (fused: boolean) => join(folder, fused ? 'fused.safetensors' : 'branches.safetensors');

/** `inference_mode` of backbone and head; undefined leaves it out. */
const classifier = (inference_mode?: boolean) => {
  const form = inference_mode === undefined ? {} : { inference_mode };
  return {
    model: {
      type: 'ImageClassifier',
      data_preprocessor: { type: 'ClsDataPreprocessor', mean: [120, 120, 120], std: [60, 60, 60], to_rgb: true },
      backbone: { type: 'FastViT', arch: 't8', ...form },
      head: { type: 'FastViTClsHead', num_classes: 3, ...form },
    },
    test_pipeline: [{ type: 'LoadImageFromFile' }, { type: 'CenterCrop', crop_size: 64 }, { type: 'PackInputs' }],
    metainfo: { classes: ['a', 'b', 'c'] },
  } satisfies ClassificationConfig;
};

/** Checkpoints under timm's names, where neither the backbone nor `final_conv` has a name before its own. */
beforeAll(async () => {
  for (const fused of [true, false]) {
    const { model } = await openConfig(classifier(fused));
    const { parameters } = formulaNetwork(model.wholeGraph);
    const names = [...model.wholeGraph.parameters.keys()];
    const stored = names.map((name) => [name.replace(/^backbone\.|^head\.(?=final_conv)/, ''), parameters(name)]);
    await writeSafetensors(file(fused), Object.fromEntries(stored));
  }
});

describe.each([true, false])('a checkpoint with fused branches: %s', (fused) => {
  test.each([undefined, true, false])('loads where the config says inference_mode: %s', async (inference_mode) => {
    const opened = await openConfigFor(file(fused), classifier(inference_mode));
    using weights = await openModelWeights(opened, { checkpoint: file(fused) }, () => {});
    expect(weights.report).toMatchObject({ missing: [], unexpected: [], mismatched: [] });

    const expected = formulaNetwork((await openConfig(classifier(fused))).model.graph);
    expect([...opened.model.graph.parameters.keys()]).toEqual([...expected.graph.parameters.keys()]);
    const input = tensor([1, 3, 64, 64], formulaInput('input.form', [1, 3, 64, 64]));
    const actual = await runNetwork({ graph: opened.model.graph, parameters: weights.parameters }, { input });
    const { logits } = await runNetwork(expected, { input });
    if (logits === undefined) throw new Error('no logits');
    expect(relativeError(actual.logits, logits)).toBe(0);
  });

  test('fills a detector’s backbone from init_cfg', async () => {
    const config = {
      model: {
        type: 'RetinaNet',
        backbone: { type: 'FastViT', arch: 't8', init_cfg: { type: 'Pretrained', checkpoint: file(fused) } },
        neck: { type: 'FPN', out_channels: 8, start_level: 1, add_extra_convs: 'on_input', num_outs: 5 },
        bbox_head: { type: 'RetinaHead', num_classes: 3, feat_channels: 8 },
      },
      test_pipeline: [{ type: 'LoadImageFromFile' }, { type: 'PackDetInputs' }],
      metainfo: { classes: ['a', 'b', 'c'] },
    } satisfies DetectionConfig;
    const opened = await openConfigFor(undefined, config);
    using weights = await openModelWeights(opened, {}, () => {});
    expect(weights.report?.missing.filter((name) => name.startsWith('backbone.'))).toEqual([]);
    expect([...opened.model.graph.parameters.keys()].some((name) => name.includes('reparam_conv'))).toBe(fused);
  });
});

test('the form is that of the teacher whose weights are used, not of its student', async () => {
  const path = join(folder, 'teacher.safetensors');
  const under = async (prefix: string, fused: boolean) => {
    const { model } = await openConfig(classifier(fused));
    const { parameters } = formulaNetwork(model.wholeGraph);
    return [...model.wholeGraph.parameters.keys()].map((name) => [prefix + name, parameters(name)] as const);
  };
  const both = [...(await under('model.student.', true)), ...(await under('model.teacher.', false))];
  await writeSafetensors(path, Object.fromEntries(both));
  const opened = await openConfigFor(path, classifier());
  using weights = await openModelWeights(opened, { checkpoint: path }, () => {});
  expect(weights.report).toMatchObject({ missing: [], mismatched: [], unwrapped: { prefix: 'model.teacher.' } });
});

test('loading a model builds it in the form of its file', async () => {
  await using model = await loadClassifier(classifier(), { checkpoint: file(true) });
  expect(model.report).toMatchObject({ missing: [], unexpected: [], mismatched: [] });
  const { ranking } = await model.predict({ width: 64, height: 64, data: new Uint8Array(64 * 64 * 3).fill(90) });
  expect(ranking.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 5);
});

test('the file is not opened for a network of one form', async () => {
  const model = {
    type: 'ImageClassifier',
    backbone: { type: 'LowFormer', arch: 'b0' },
    head: { type: 'LowFormerClsHead', num_classes: 3 },
  } as const;
  const config = { ...classifier(), model } satisfies ClassificationConfig;
  expect((await openConfigFor('/no/such/file', config)).model.task).toBe('classification');
  await expect(openConfigFor('/no/such/file', classifier())).rejects.toMatchObject({ code: 'unreadable-file' });
});

test('a network is measured in the form of its file', async () => {
  const config = join(folder, 'branches.json');
  writeFileSync(config, JSON.stringify(classifier(false)));
  const subject = { config, part: 'whole', cfgOptions: [], allowMismatch: [], checkpoint: file(true) } as const;
  const network = await openNetwork(subject);
  using runnable = await runnableNetwork(network, [{ width: 64, height: 64 }]);
  expect(runnable.graph.parameters.size).toBeGreaterThan(10);
});
