import { describe, expect, test } from 'vitest';
import { noteText } from '../../core/notes.js';
import { inferenceParts } from '../../registry/config_inference.js';
import { unusedKeys } from '../../registry/config_keys.js';
import { applyOverrides } from '../../registry/config_overrides.js';
import { configOf, fixture, messageOf, resolveAll } from './config_cases.js';

const KNOWN = 'model, test_pipeline, metainfo, load_from, data_preprocessor, test_dataloader, val_dataloader';

describe('top-level keys', () => {
  test('a complete config for inference leaves none unused', () => {
    expect(unusedKeys(configOf(fixture('blood_cells.json')))).toEqual({ openmmlab: [], other: [] });
  });

  test('a dumped config: training and variables', () => {
    expect(unusedKeys(configOf(fixture('dumped.json')))).toEqual({
      openmmlab: [
        'norm_cfg',
        'train_cfg',
        'test_cfg',
        'optim_wrapper',
        'param_scheduler',
        'default_hooks',
        'default_scope',
        'log_level',
        'resume',
      ],
      other: ['classes', 'METAINFO', 'image_size', 'optimizer_config'],
    });
  });

  test.each([
    ['modle', 'model'],
    ['models', 'model'],
    ['Model', 'model'],
    ['odel', 'model'],
    ['test_pipline', 'test_pipeline'],
    ['test_pipelines', 'test_pipeline'],
    ['tset_pipeline', 'test_pipeline'],
    ['testpipeline', 'test_pipeline'],
    ['meta_info', 'metainfo'],
    ['load_form', 'load_from'],
    ['test_dataLoader', 'test_dataloader'],
    ['data_preproccesor', 'data_preprocessor'],
  ])('%s is a slip of %s', (key, meant) => {
    expect(messageOf(() => unusedKeys(configOf({ model: {}, [key]: 1 })))).toBe(
      `${key}: expected a top-level key that inference reads (${KNOWN}), or a name unlike them but received '${key}'. Did you mean '${meant}'? Set in a.json.`,
    );
  });

  test('variables of OpenMMLab configs are no slips', () => {
    const names = [
      ...['METAINFO', 'load_pipeline', 'weak_pipeline', 'sup_pipeline', 'base_test_pipeline', 'node', 'modal_dim'],
      ...['img_norm_cfg', 'checkpoint', 'pretrained', 'num_classes', 'metainfo_path', 'lang_model_name', 'm'],
    ];
    expect(unusedKeys(configOf(Object.fromEntries(names.map((name) => [name, 1]))))).toEqual({
      openmmlab: [],
      other: names,
    });
  });
});

describe('parts', () => {
  test('of a complete config for inference', () => {
    const tree = Object(fixture('blood_cells.json'));
    const parts = inferenceParts(configOf(tree, 'blood_cells.json'));
    expect(parts.model).toMatchObject({ path: 'model', value: tree.model });
    expect(parts.testPipeline).toMatchObject({ path: 'test_pipeline', value: tree.test_pipeline });
    expect(parts.metainfo).toMatchObject({ path: 'metainfo', value: { classes: ['RBC', 'WBC', 'Platelets'] } });
    expect(parts.dataPreprocessor?.path).toBe('model.data_preprocessor');
    expect(parts.model.origins.origin).toBe('blood_cells.json');
    expect([parts.datasetType, parts.checkpoint]).toEqual([undefined, undefined]);
  });

  test('of a dumped config: in the test dataset', () => {
    const parts = inferenceParts(configOf(fixture('dumped.json')));
    expect(parts.testPipeline?.path).toBe('test_dataloader.dataset.pipeline');
    expect(Object(parts.testPipeline?.value)[1]).toEqual({ type: 'Resize', scale: [416, 320], keep_ratio: false });
    expect(parts.metainfo).toMatchObject({
      path: 'test_dataloader.dataset.metainfo',
      value: { classes: ['red cell', 'white cell', 'platelet'] },
    });
    expect(parts.datasetType).toBe('CocoDataset');
    expect(parts.checkpoint).toMatchObject({ path: 'load_from', value: 'bccd_retinanet.pth' });
  });

  test('inside wrappers, and in the validation dataset where there is none for the test', () => {
    const dataset = { type: 'ADE20KDataset', pipeline: ['x'] };
    const wrapped = { type: 'RepeatDataset', dataset: { type: 'ConcatDataset', datasets: [dataset, {}] } };
    const parts = inferenceParts(configOf({ model: {}, val_dataloader: { dataset: wrapped }, test_dataloader: null }));
    expect(parts.testPipeline).toMatchObject({
      path: 'val_dataloader.dataset.dataset.datasets.0.pipeline',
      value: ['x'],
    });
    expect(parts.datasetType).toBe('ADE20KDataset');
    expect(parts.metainfo).toBeUndefined();
  });

  test('a preprocessor at the top level', () => {
    const parts = inferenceParts(configOf({ model: { type: 'ImageClassifier' }, data_preprocessor: { mean: [1] } }));
    expect(parts.dataPreprocessor).toMatchObject({ path: 'data_preprocessor', value: { mean: [1] } });
  });

  test('null is as absent', () => {
    const parts = inferenceParts(configOf({ model: {}, load_from: null, test_pipeline: null, metainfo: null }));
    expect([parts.checkpoint, parts.testPipeline, parts.metainfo]).toEqual([undefined, undefined, undefined]);
  });

  describe('a pipeline that stands twice', () => {
    const both = { model: {}, test_pipeline: ['top'], test_dataloader: { dataset: { pipeline: ['dataset'] } } };
    const chosen = async (trees: Readonly<Record<string, unknown>>, options: readonly string[] = []) =>
      inferenceParts(applyOverrides(await resolveAll(trees), options)).testPipeline?.value;

    test('in one file: the one that mmdet reads', async () => {
      expect(await chosen({ 'a.json': both })).toEqual(['dataset']);
    });
    test('the one that a later file sets', async () => {
      const base = { 'b.json': both };
      expect(await chosen({ ...base, 'a.json': { _base_: 'b.json', test_pipeline: ['mine'] } })).toEqual(['mine']);
      const dataset = { test_dataloader: { dataset: { pipeline: ['mine'] } } };
      expect(await chosen({ ...base, 'a.json': { _base_: 'b.json', ...dataset } })).toEqual(['mine']);
    });
    test('to a Python file the one at the top is a variable, which its data set does not have', async () => {
      const base = { 'b.py': both };
      const mine = { _base_: 'b.py', test_pipeline: ['mine'] };
      const parts = inferenceParts(await resolveAll({ ...base, 'a.py': mine }, 'a.py'));
      expect(parts.testPipeline?.value).toEqual(['dataset']);
      expect(parts.notes.map(noteText)).toEqual([
        'a.py: test_pipeline is a variable that its data set does not have: test_dataloader.dataset.pipeline is read, as ' +
          'by OpenMMLab (1)',
      ]);
      expect(await chosen({ ...base, 'a.json': mine })).toEqual(['mine']);
      expect(inferenceParts(await resolveAll({ ...base, 'a.json': mine })).notes).toEqual([]);
    });
    test('the one that --cfg-options touch', async () => {
      expect(await chosen({ 'a.json': both }, ['test_pipeline.0=mine'])).toEqual(['mine']);
      expect(await chosen({ 'a.json': both }, ['test_dataloader.dataset.pipeline.0=mine'])).toEqual(['mine']);
    });
  });

  test.each([
    ['no model', { metainfo: {} }, 'model: expected a model, but the key is missing. The config is a.json.'],
    [
      'load_from',
      { model: {}, load_from: 3 },
      'load_from: expected the path of a checkpoint, or null but received 3. Set in a.json.',
    ],
  ])('%s', (_, tree, message) => {
    expect(messageOf(() => inferenceParts(configOf(tree)))).toBe(message);
  });
});
