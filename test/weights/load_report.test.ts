import { describe, expect, test } from 'vitest';
import type { CheckpointFacts } from '../../core/checkpoint_facts.js';
import { HEADS } from '../../heads/index.js';
import { buildModel } from '../../tasks/build_model.js';
import { describeLoad, loadReport } from '../../weights/load_report.js';
import { fitNames } from '../../weights/name_map.js';
import type { StateDict } from '../../weights/state_dict.js';
import { failure } from './fixtures.js';

type Shapes = Readonly<Record<string, readonly number[]>>;

const backbone: Shapes = Object.fromEntries(
  Array.from({ length: 30 }, (_, i) => [`backbone.stages.${i}.conv.weight`, [8, 4, 3, 3]]),
);
const neck: Shapes = { 'neck.lateral_convs.0.conv.weight': [16, 8, 1, 1], 'neck.lateral_convs.0.conv.bias': [16] };
const head: Shapes = {
  'bbox_head.retina_cls.weight': [27, 16, 3, 3],
  'bbox_head.retina_cls.bias': [27],
  'bbox_head.retina_reg.weight': [36, 16, 3, 3],
};
const detector = { ...backbone, ...neck, ...head };

const parameters = (shapes: Shapes) => Object.entries(shapes).map(([name, shape]) => ({ name, shape }));
const dictionary = (shapes: Shapes): StateDict =>
  new Map(
    Object.entries(shapes).map(([name, shape]) => [name, { shape, dtype: 'float32', read: () => new Float32Array() }]),
  );
/** What a registered head knows of its checkpoints. */
const factsOf = (type: string, prefix: string): CheckpointFacts => {
  const { classLayers = [] } = HEADS.get(type, 'test').checkpoint ?? {};
  return { prefix, names: [], classLayers, initial: () => undefined };
};
const facts = [factsOf('RetinaHead', 'bbox_head.')];
const load = (network: Shapes, file: Shapes, ...allowMismatch: string[]) =>
  loadReport(parameters(network), dictionary(file), { path: 'weights.pth', allowMismatch, facts });
const renamed = (shapes: Shapes, rename: (name: string) => string): Shapes =>
  Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [rename(name), shape]));

test('a file that fits loads whole; unexpected keys are reported', () => {
  const report = load(detector, { ...detector, 'head.weight': [10, 8] });
  expect(report.loaded.length).toBe(35);
  expect(report).toMatchObject({ missing: [], mismatched: [], unexpected: ['head.weight'] });
});

test('num_batches_tracked counts on neither side', () => {
  const network = { ...backbone, 'backbone.norm.num_batches_tracked': [] };
  const file = { ...backbone, 'backbone.other.num_batches_tracked': [] };
  expect(load(network, file)).toMatchObject({ missing: [], mismatched: [], unexpected: [] });
});

describe('missing and mismatched keys are errors unless allowed by name', () => {
  test('class counts', async () => {
    const file = { ...detector, 'bbox_head.retina_cls.weight': [720, 16, 3, 3], 'bbox_head.retina_cls.bias': [720] };
    const message = await failure(() => load(detector, file));
    expect(message).toBe(
      'checkpoint-mismatch: weights.pth: expected tensors for all 35 parameters of the network but received 33. ' +
        'of another shape (2): bbox_head.retina_cls.weight expected [27, 16, 3, 3] received [720, 16, 3, 3], ' +
        'bbox_head.retina_cls.bias expected [27] received [720]; ' +
        'the class counts differ (the last layer has 720 outputs in the file, 27 in the network); ' +
        "to load the rest and start these from initial values: allowMismatch: ['bbox_head.retina_cls']",
    );
    const report = load(detector, file, 'bbox_head.retina_cls');
    expect(report.mismatched).toEqual([
      { name: 'bbox_head.retina_cls.weight', expected: [27, 16, 3, 3], received: [720, 16, 3, 3] },
      { name: 'bbox_head.retina_cls.bias', expected: [27], received: [720] },
    ]);
    expect(load(detector, file, 'bbox_head').mismatched.length).toBe(2);
  });

  test.each([
    ['LowFormerClsHead', 'head.op_list.3.linear'],
    ['EfficientViTClsHead', 'head.classifier.4'],
    ['LinearClsHead', 'head.fc'],
    ['FATClsHead', 'head'],
  ])('class counts of a classifier: %s, %s', async (type, layer) => {
    const classifier = (classes: number) => ({
      ...backbone,
      [`${layer}.weight`]: [classes, 8],
      [`${layer}.bias`]: [classes],
    });
    const options = { path: 'weights.pth', facts: [factsOf(type, 'head.')] };
    const message = await failure(() => loadReport(parameters(classifier(3)), dictionary(classifier(1000)), options));
    expect(message).toContain(
      'the class counts differ (the last layer has 1000 outputs in the file, 3 in the network)',
    );
  });

  test('names are allowed by whole parts', async () => {
    const { 'bbox_head.retina_cls.bias': _, ...file } = detector;
    expect(load(detector, file, 'bbox_head.retina_cls.bias').missing).toEqual(['bbox_head.retina_cls.bias']);
    expect(await failure(() => load(detector, file, 'bbox_head.retina_reg'))).toMatch(/^checkpoint-mismatch/);
    expect(await failure(() => load(detector, file, 'bbox_head.retina'))).toMatch(/^invalid-argument/);
  });

  test('a name that is no part of the network', async () => {
    expect(await failure(() => load(detector, detector, 'nek'))).toContain("Did you mean 'neck'?");
    expect(await failure(() => load(detector, detector, 'something'))).toContain('backbone, neck, bbox_head');
  });

  test('a classifier in a detector', async () => {
    const file = { ...backbone, 'head.op_list.0.conv.weight': [8, 8, 1, 1] };
    const message = await failure(() => load(detector, file));
    expect(message).toContain('received 30');
    expect(message).toContain('missing (5): neck.lateral_convs.0.conv.weight');
    expect(message).toContain("allowMismatch: ['neck', 'bbox_head']");
    const report = load(detector, file, 'neck', 'bbox_head');
    expect(report).toMatchObject({ unexpected: ['head.op_list.0.conv.weight'] });
    expect(report.loaded.length).toBe(30);
    expect(report.missing.length).toBe(5);
  });

  test('a bare backbone is recognised, and fits once it has its prefix', async () => {
    const file = renamed(backbone, (name) => name.replace('backbone.', ''));
    expect(await failure(() => load(detector, file))).toContain("lack the prefix 'backbone.'");
    const fitted = fitNames('weights.pth', dictionary(file), parameters(detector));
    const options = { path: 'weights.pth', allowMismatch: ['neck', 'bbox_head'] };
    expect(loadReport(parameters(detector), fitted, options).loaded.length).toBe(30);
  });

  test('a backbone of another size', async () => {
    const file = renamed(detector, (name) => name);
    const larger = Object.fromEntries(Object.keys(backbone).map((name) => [name, [16, 8, 3, 3]]));
    const message = await failure(() =>
      load(detector, { ...file, ...larger, 'backbone.stages.0.conv.weight': [8, 4, 3, 3] }),
    );
    expect(message).toContain('of another size: check model.backbone');
    expect(message).toContain('and 24 more');
    expect(message).not.toContain('allowMismatch');
    expect(message.length).toBeLessThan(800);
  });

  test('nothing in common', async () => {
    const file = { 'conv1.weight': [64, 3, 7, 7], 'layer1.0.conv1.weight': [64, 64, 3, 3] };
    for (const allow of [[], ['backbone', 'neck', 'bbox_head']]) {
      const message = await failure(() => load(detector, file, ...allow));
      expect(message).toContain('received 0');
      expect(message).toContain("begin with conv1, layer1, the network's with backbone, neck, bbox_head");
    }
  });
});

test('a report in words', () => {
  const file = { ...backbone, extra: [1], 'neck.lateral_convs.0.conv.weight': [1, 8, 1, 1] };
  expect(describeLoad(load(detector, file, 'neck', 'bbox_head'))).toEqual([
    'loaded 30 of 35 parameters',
    'missing (4) (initial values are used): neck.lateral_convs.0.conv.bias, bbox_head.retina_cls.weight, ' +
      'bbox_head.retina_cls.bias, bbox_head.retina_reg.weight',
    'of another shape (1): neck.lateral_convs.0.conv.weight expected [16, 8, 1, 1] received [1, 8, 1, 1]',
    'not used (1): extra',
  ]);
  expect(describeLoad(load(detector, detector))).toEqual(['loaded 35 of 35 parameters']);
});

describe('a file of a network with more layers is refused, though every parameter is filled', () => {
  const network: Shapes = {
    'backbone.conv1.weight': [4, 3, 7, 7],
    'backbone.layer3.0.conv1.weight': [4, 4, 3, 3],
    'backbone.layer3.1.conv1.weight': [4, 4, 3, 3],
    'neck.lateral_convs.0.conv.weight': [8, 4, 1, 1],
    'bbox_head.retina_cls.weight': [3, 8, 3, 3],
  };
  test.each([
    ['blocks', 'backbone.layer3.5.conv1.weight', 'backbone.layer3'],
    ['norms', 'neck.lateral_convs.0.bn.weight', 'neck.lateral_convs.0'],
    ['biases', 'bbox_head.retina_cls.bias', 'bbox_head.retina_cls'],
    ['branches', 'backbone.layer3.0.downsample.0.weight', 'backbone.layer3.0'],
  ])('%s', async (_, name, part) => {
    const file = { ...network, [name]: [4] };
    expect(await failure(() => load(network, file))).toBe(
      'checkpoint-mismatch: weights.pth: expected no layers inside the parts of the network that these lack but received 1. ' +
        `${name}; the file is of a deeper network, or of one with other layers: check depth and form of the parts in ` +
        `the config; to load the rest without them: allowMismatch: ['${part}']`,
    );
    expect(load(network, file, part)).toMatchObject({ unexpected: [name], missing: [], mismatched: [] });
  });

  test.each([
    [18, 34, 'layer1.2.conv1.weight'],
    [50, 101, 'layer3.6.conv1.weight'],
  ])('ResNet-%i from a file of ResNet-%i', async (depth, deeper, first) => {
    const shapes = (layers: number): Shapes => {
      const { wholeGraph } = buildModel({
        type: 'ImageClassifier',
        backbone: { type: 'ResNet', depth: layers },
        head: { type: 'LinearClsHead', num_classes: 3 },
      });
      return Object.fromEntries([...wholeGraph.parameters.values()].map(({ name, shape }) => [name, shape]));
    };
    expect(await failure(() => load(shapes(depth), shapes(deeper)))).toContain(`backbone.${first}`);
    expect(load(shapes(depth), shapes(depth)).unexpected).toEqual([]);
  });

  test('a bare backbone', async () => {
    const backboneAlone = Object.fromEntries(Object.entries(network).filter(([name]) => name.startsWith('backbone.')));
    const bare = renamed(backboneAlone, (name) => name.replace('backbone.', ''));
    const fitted = (file: Shapes) => fitNames('weights.pth', dictionary(file), parameters(backboneAlone));
    const options = { path: 'weights.pth' };
    expect(loadReport(parameters(backboneAlone), fitted(bare), options).loaded).toHaveLength(3);
    const deeper = fitted({ ...bare, 'layer3.2.conv1.weight': [4, 4, 3, 3] });
    expect(await failure(() => loadReport(parameters(backboneAlone), deeper, options))).toContain(
      'received 1. layer3.2.conv1.weight; the file is of a deeper network',
    );
  });

  test.each([
    'backbone.fc.weight',
    'backbone.norm3.weight',
    'backbone.layer4.0.conv1.weight',
    'head.fc.weight',
    'bbox_head.loss_cls.weight',
    'backbone.layer3.0.attn.relative_position_index',
    'auxiliary_head.convs.0.conv.weight',
    'fc.weight',
  ])('%s is left, and reported', (name) => {
    expect(load(network, { ...network, [name]: [4] })).toMatchObject({ unexpected: [name] });
  });
});
