/** Names of types with a scope or a module path, for every table. */
import { describe, expect, test } from 'vitest';
import { openedConfig } from '../../models/opened_config.js';
import {
  type ConfigObject,
  type ConfigValue,
  isConfigList,
  isConfigObject,
  sourced,
} from '../../registry/config_tree.js';
import { bareType, bareTypes } from '../../registry/type_names.js';
import { detector, segmentor } from '../tools/tiny_models.js';
import { failure } from '../weights/fixtures.js';

test.each([
  ['mmdet.RetinaNet', 'RetinaNet'],
  ['mmdet.models.RetinaNet', 'RetinaNet'],
  ['mmdet.models.detectors.retinanet.RetinaNet', 'RetinaNet'],
  ['mmcls.ConvNeXt', 'ConvNeXt'],
  ['mmpretrain.PoolFormer', 'PoolFormer'],
  ['mmseg.FPNHead', 'FPNHead'],
  ['mmcv.transforms.loading.LoadImageFromFile', 'LoadImageFromFile'],
  ['mmcv.ops.nms', 'nms'],
  ['mmengine.model.weight_init.PretrainedInit', 'Pretrained'],
  ['torch.nn.modules.batchnorm.BatchNorm2d', 'BN'],
  ['torch.nn.SyncBatchNorm', 'SyncBN'],
  ['torch.nn.modules.activation.ReLU', 'ReLU'],
  ['RetinaNet', 'RetinaNet'],
  ['mmrotate.RetinaNet', 'mmrotate.RetinaNet'],
  ['mine.models.Head', 'mine.models.Head'],
])('%s is %s', (given, bare) => {
  expect(bareType(given)).toBe(bare);
});

test('_scope_ is the same beside the name', async () => {
  const backbone = { type: 'ConvNeXt', _scope_: 'mmpretrain', arch: 'tiny' };
  expect(bareTypes({ backbone }, ['model'])).toEqual({ backbone: { type: 'ConvNeXt', arch: 'tiny' } });
  expect(await failure(() => bareTypes({ backbone: { ...backbone, _scope_: 'mmrotate' } }, ['model']))).toBe(
    'invalid-config: model.backbone._scope_: expected a project whose types are known: mmengine, mmcv, mmdet, mmseg, ' +
      "mmpretrain, mmcls, torch but received 'mmrotate'",
  );
});

/** Every `type` with something before it. */
function renamed(value: ConfigValue, rename: (type: string) => string): ConfigValue {
  if (isConfigList(value)) return value.map((item) => renamed(item, rename));
  if (!isConfigObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [
      key,
      key === 'type' && typeof child === 'string' ? rename(child) : renamed(child, rename),
    ]),
  );
}

describe('a whole config', () => {
  const opened = (config: object, rename: (type: string) => string) => {
    const value: ConfigObject = JSON.parse(JSON.stringify(renamed(JSON.parse(JSON.stringify(config)), rename)));
    return openedConfig({ ...sourced(value, 'a.json'), sources: ['a.json'] });
  };

  test.each([
    ['detector', detector],
    ['segmentor', segmentor],
  ])('of a %s: every part is the same one', (_, config) => {
    const bare = opened(config, (type) => type);
    for (const before of ['mmdet', 'mmseg.models', 'mmcv.transforms.processing']) {
      const scoped = opened(config, (type) => `${before}.${type}`);
      expect(scoped.model.checked).toEqual(bare.model.checked);
      expect(scoped.pipeline).toEqual(bare.pipeline);
      expect(scoped.model.preprocessor).toEqual(bare.model.preprocessor);
    }
  });

  test.each([
    ['a model', (type: string) => (type === 'RetinaNet' ? 'mmrotate.RotatedRetinaNet' : type), 'model.type'],
    [
      'a head',
      (type: string) => (type === 'RetinaHead' ? 'mmrotate.models.RotatedRetinaHead' : type),
      'model.bbox_head.type',
    ],
    ['a step', (type: string) => (type === 'Resize' ? 'mmrotate.RResize' : type), 'test_pipeline.1.type'],
  ])('with %s of something else', async (_, rename, path) => {
    const message = await failure(() => opened(detector, rename));
    expect(message).toContain(`${path}: expected`);
    expect(message).toContain(
      "Names of 'mmrotate' are not known: those of mmengine, mmcv, mmdet, mmseg, mmpretrain, mmcls, torch are, with or " +
        'without them before the name.',
    );
  });
});
