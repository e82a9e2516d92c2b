/** What a model's keys say of how its parts are trained. */
import { describe, expect, test } from 'vitest';
import { buildLosses } from '../../tasks/build_losses.js';
import { buildModel } from '../../tasks/build_model.js';
import { detector, segmentor } from '../tools/tiny_models.js';

/** The rules of the tiny detector with another backbone, or with changes to its own. */
function rulesOf(backbone: object, head: object = {}) {
  const { model } = detector;
  const tree = { ...model, backbone: { ...model.backbone, ...backbone }, bbox_head: { ...model.bbox_head, ...head } };
  return { rules: buildLosses(buildModel(tree), tree), names: [...buildModel(tree).wholeGraph.parameters.keys()] };
}

const resnet = { type: 'ResNet', depth: 18, base_channels: 8, arch: undefined, widths: undefined, depths: undefined };
function resnetRules(keys: object) {
  const { arch: _, widths: __, depths: ___, ...backbone } = { ...resnet, ...keys };
  const tree = { ...detector.model, backbone };
  return buildLosses(buildModel(tree), tree);
}

describe('frozen_stages', () => {
  test('-1 and none freeze nothing', () => {
    for (const keys of [{}, { frozen_stages: -1 }]) {
      const { rules, names } = rulesOf(keys);
      expect(names.filter(rules.frozen.parameters)).toEqual([]);
      expect(names.filter(rules.frozen.statistics)).toEqual([]);
    }
  });

  test('the stem, and stages with it', () => {
    const { rules, names } = rulesOf({ frozen_stages: 1 });
    const frozen = names.filter(rules.frozen.parameters);
    const modules = new Set(
      frozen.map((name) =>
        name
          .split('.')
          .slice(0, 3)
          .join('.')
          .replace(/\.op_list$/, ''),
      ),
    );
    expect([...modules]).toEqual(['backbone.input_stem', 'backbone.stages.0']);
    expect(rules.frozen.statistics('backbone.stages.0.op_list.0.main.spatial_conv.norm')).toBe(true);
    expect(rules.frozen.statistics('backbone.stages.1.op_list.0.main.spatial_conv.norm')).toBe(false);
  });

  test("ResNet's by its own names", () => {
    const { frozen } = resnetRules({ frozen_stages: 1 });
    for (const name of ['conv1.weight', 'bn1.bias', 'layer1.0.conv1.weight']) {
      expect(frozen.parameters(`backbone.${name}`), name).toBe(true);
    }
    expect(frozen.parameters('backbone.layer2.0.conv1.weight')).toBe(false);
  });

  test('where a backbone has no such stages, more than none is refused', () => {
    const tree = {
      ...detector.model,
      backbone: { type: 'PoolFormer', arch: 's12', out_indices: [0, 2, 4, 6], frozen_stages: 1 },
    };
    const said = 'model.backbone.frozen_stages: expected -1: the stages of PoolFormer are trained all together';
    expect(() => buildLosses(buildModel(tree), tree)).toThrow(said);
  });
});

describe('norms', () => {
  test('norm_eval leaves the statistics of the backbone alone', () => {
    const { rules } = rulesOf({ norm_eval: true });
    expect(rules.frozen.statistics('backbone.stages.1.op_list.0.main.spatial_conv.norm')).toBe(true);
    expect(rules.frozen.parameters('backbone.stages.1.op_list.0.main.spatial_conv.norm.weight')).toBe(false);
    expect(rules.frozen.statistics('neck.fpn_convs.0.bn')).toBe(false);
  });

  test("mmdet's ResNet evaluates them where nothing is said", () => {
    expect(resnetRules({}).frozen.statistics('backbone.layer1.0.bn1')).toBe(true);
    expect(resnetRules({ norm_eval: false }).frozen.statistics('backbone.layer1.0.bn1')).toBe(false);
  });

  test('requires_grad and momentum of a norm_cfg', () => {
    const { frozen, momentum } = resnetRules({ norm_cfg: { type: 'BN', requires_grad: false, momentum: 0.01 } });
    expect(frozen.parameters('backbone.layer4.0.bn1.weight')).toBe(true);
    expect(frozen.parameters('backbone.layer4.0.conv1.weight')).toBe(false);
    expect(momentum('backbone.layer4.0.bn1')).toBe(0.01);
    expect(momentum('neck.fpn_convs.0.bn')).toBe(0.1);
  });
});

describe('what is left out by chance', () => {
  test("mmseg's dropout before the last convolution", () => {
    const rules = (ratio?: number) => {
      const { model } = segmentor;
      const keys = ratio === undefined ? {} : { dropout_ratio: ratio };
      const tree = { ...model, decode_head: { ...model.decode_head, ...keys } };
      return buildLosses(buildModel(tree), tree).masks;
    };
    const site = { module: 'decode_head.conv_seg', at: 'input', of: 'channel' };
    expect(rules()).toEqual([{ ...site, rate: 0.1 }]);
    expect(rules(0.3)).toEqual([{ ...site, rate: 0.3 }]);
    expect(rules(0)).toEqual([]);
  });

  test('branches beside an identity, the later the more often', () => {
    const { masks } = rulesOf({ drop_path_rate: 0.6, depths: [1, 1, 1, 1, 1] }).rules;
    expect(masks.map(({ module }) => module)).toEqual([
      'backbone.input_stem.op_list.1.main',
      'backbone.stages.2.op_list.1.total.0.0.main',
      'backbone.stages.2.op_list.1.total.0.1.main',
      'backbone.stages.2.op_list.1.total.1.main',
      'backbone.stages.3.op_list.1.total.0.0.main',
      'backbone.stages.3.op_list.1.total.0.1.main',
      'backbone.stages.3.op_list.1.total.1.main',
    ]);
    expect(masks.map(({ rate }) => rate)).toEqual([1, 2, 3, 4, 5, 6, 7].map((i) => (0.6 * i) / 7));
  });
});

test('what is not followed is named', () => {
  const { model } = segmentor;
  const auxiliary_head = { type: 'FCNHead', channels: 8, num_classes: 4 };
  const backbone = {
    type: 'SwinTransformer',
    embed_dims: 8,
    num_heads: [1, 2, 4, 8],
    drop_path_rate: 0.2,
    with_cp: true,
  };
  const tree = { ...model, backbone: { ...backbone, drop_rate: 0, init_cfg: null }, auxiliary_head };
  expect([...buildLosses(buildModel(tree), tree).unfollowed].toSorted()).toEqual([
    'model.auxiliary_head',
    'model.backbone.drop_path_rate',
  ]);
});
