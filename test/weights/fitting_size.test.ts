/** A file of another published size of the backbone: which one, and what to set. */
import { describe, expect, test } from 'vitest';
import { buildModel } from '../../tasks/build_model.js';
import { loadReport } from '../../weights/load_report.js';
import { fitNames } from '../../weights/name_map.js';
import { dictionary, failure } from './fixtures.js';

function classifier(backbone: object, classes = 3) {
  const head = { type: 'LinearClsHead', num_classes: classes };
  const { wholeGraph, checkpointFacts } = buildModel({ type: 'ImageClassifier', backbone, head });
  return { parameters: [...wholeGraph.parameters.values()], facts: checkpointFacts };
}

const lowformer = (arch: string) => ({ type: 'LowFormer', arch });
const resnet = (depth: number) => ({ type: 'ResNet', depth });
const custom = (depth: number) => ({
  ...{ type: 'LowFormer', arch: 'custom', widths: [4, 8, 8, 16, 16], depths: [0, 1, 1, depth, 1] },
});

describe('loading', () => {
  const refused = (network: object, file: object, nameOf = (name: string) => name) => {
    const { parameters, facts } = classifier(network);
    const given = classifier(file).parameters.map(({ name, shape }) => ({ name: nameOf(name), shape }));
    const tensors = fitNames('weights.pth', dictionary(given), parameters, facts);
    return failure(() => loadReport(parameters, tensors, { path: 'weights.pth', facts }));
  };

  test.each([
    ['deeper', resnet(50), resnet(101), 'depth 101: set model.backbone.depth to 101'],
    ['shallower', resnet(101), resnet(50), 'depth 50: set model.backbone.depth to 50'],
    ['of other blocks', resnet(50), resnet(18), 'depth 18: set model.backbone.depth to 18'],
    ['wider', lowformer('b1'), lowformer('b3'), 'arch b3: set model.backbone.arch to b3'],
    ['deeper, LowFormer', lowformer('b0'), lowformer('b15'), 'arch b15: set model.backbone.arch to b15'],
    [
      'of a published size, for widths of its own',
      custom(1),
      lowformer('b0'),
      'arch b0: set model.backbone.arch to b0',
    ],
  ])('%s', async (_, network, file, advice) => {
    expect(await refused(network, file)).toContain(`the file's backbone has ${advice}`);
  });

  test('a deeper backbone without a prefix', async () => {
    const bare = (name: string) => name.replace(/^backbone\./, '').replace(/^head\./, '');
    expect(await refused(resnet(50), resnet(101), bare)).toContain('has depth 101: set model.backbone.depth to 101');
  });

  test('of no published size', async () => {
    expect(await refused(custom(3), custom(2))).toMatch(/the file's backbone has other layers: check model\.backbone/);
    expect(await refused(custom(2), custom(3))).toMatch(/the file is of a deeper network/);
  });

  test('of another backbone: the first names that differ', async () => {
    expect(await refused(lowformer('b0'), resnet(50))).toContain(
      "the file is of another model: its names begin with backbone.conv1, backbone.bn1, backbone.layer1, backbone.layer2, \
backbone.layer3 and 2 more, the network's with backbone.input_stem, backbone.stages, head.fc",
    );
  });
});
