/** Numbers of torchvision's classifier and the classes that they mean, and the names of its files. */
import { describe, expect, test } from 'vitest';
import { elements, type Shape, type Tensor, tensor } from '../../core/tensor.js';
import { coco } from '../../data/classes/coco.js';
import { fitWeights } from '../../models/fitted_weights.js';
import { buildModel } from '../../tasks/build_model.js';
import { classLabels } from '../../tasks/classes.js';
import type { StateDict, StoredTensor } from '../../weights/state_dict.js';

const detector = (head: object) =>
  buildModel({
    type: 'RetinaNet',
    backbone: { type: 'ResNet', depth: 18, base_channels: 8 },
    neck: { type: 'FPN', out_channels: 16, start_level: 1, num_outs: 5, add_extra_convs: 'on_output' },
    bbox_head: { type: 'TorchvisionRetinaHead', ...head },
  });

/** Raw outputs in which the positions of the finest map speak of one number each. */
function saying(classes: number, numbers: readonly number[]): Readonly<Record<string, Tensor>> {
  const map = (shape: Shape, value: number) => tensor(shape, new Float32Array(elements(shape)).fill(value));
  const outputs = Object.fromEntries(
    [16, 8, 4, 2, 1].flatMap((side, i) => [
      [`cls${i}`, map([1, 9 * classes, side, side], -20)],
      [`reg${i}`, map([1, 36, side, side], 0)],
    ]),
  );
  numbers.forEach((number, i) => {
    const data = outputs.cls0?.data;
    if (data !== undefined) data[number * 256 + i * 17] = 4 - i / 100;
  });
  return outputs;
}

const size = { width: 128, height: 128 };
const frame = { original: size, resized: size, padded: size, scaleX: 1, scaleY: 1, left: 0, top: 0 };

test('every number of COCO is the category of that id; the background and the gaps are no results', () => {
  const model = detector({ num_classes: 91, class_labels: coco.category_ids });
  if (model.task !== 'detection') throw new Error(model.task);
  const labels = classLabels(coco, model.numClasses);
  for (let first = 0; first < 91; first += 13) {
    const numbers = Array.from({ length: 13 }, (_, i) => first + i);
    const { labels: found } = model.decode(saying(91, numbers), 0, frame);
    const known = new Set<number>(coco.category_ids);
    expect([...found].map((label) => labels[label]?.categoryId)).toEqual(numbers.filter((id) => known.has(id)));
  }
  const [stopSign = -1] = model.decode(saying(91, [13]), 0, frame).labels;
  expect(labels[stopSign]).toMatchObject({ category: 'stop sign', categoryId: 13, classIndex: 11 });
});

test('without class_labels the first is the background, and the others are classes in order', () => {
  const model = detector({ num_classes: 3 });
  if (model.task !== 'detection') throw new Error(model.task);
  expect(model.numClasses).toBe(2);
  expect([...model.decode(saying(3, [0, 1, 2]), 0, frame).labels]).toEqual([0, 1]);
});

test('boxes without a class count among the results at most, as in torchvision', () => {
  const model = buildModel({
    type: 'RetinaNet',
    backbone: { type: 'ResNet', depth: 18, base_channels: 8 },
    neck: { type: 'FPN', out_channels: 16, start_level: 1, num_outs: 5, add_extra_convs: 'on_output' },
    bbox_head: { type: 'TorchvisionRetinaHead', num_classes: 3 },
    test_cfg: { nms_pre: 1000, score_thr: 0.05, nms: { type: 'torchvision_nms', iou_threshold: 0.5 }, max_per_img: 2 },
  });
  if (model.task !== 'detection') throw new Error(model.task);
  expect([...model.decode(saying(3, [0, 1, 2]), 0, frame).labels]).toEqual([0]);
});

test.each([
  [{ num_classes: 1 }, 'model.bbox_head.num_classes: expected two or more: the background is the first'],
  [{ num_classes: 91, class_labels: [1, 91] }, 'model.bbox_head.class_labels: expected numbers less than num_classes'],
  [{ num_classes: 91, class_labels: [1, 1] }, 'model.bbox_head.class_labels: expected each number once'],
])('%j is refused', (head, message) => {
  expect(() => detector(head)).toThrow(message);
});

describe('names of torchvision’s files', () => {
  const model = detector({ num_classes: 3 });
  /** A file of the network, as torchvision names its tensors. */
  const torchvision = (name: string) =>
    name
      .replace(/^backbone\./, 'backbone.body.')
      .replace(/^neck\.lateral_convs\.(\d)\.conv\./, 'backbone.fpn.inner_blocks.$1.0.')
      .replace(/^neck\.fpn_convs\.([012])\.conv\./, 'backbone.fpn.layer_blocks.$1.0.')
      .replace(/^neck\.fpn_convs\.([34])\.conv\./, (_, i: string) => `backbone.fpn.extra_blocks.p${Number(i) + 3}.`)
      .replace(/^bbox_head\.cls_convs\.(\d)\.conv\./, 'head.classification_head.conv.$1.0.')
      .replace(/^bbox_head\.reg_convs\.(\d)\.conv\./, 'head.regression_head.conv.$1.0.')
      .replace('bbox_head.retina_cls.', 'head.classification_head.cls_logits.')
      .replace('bbox_head.retina_reg.', 'head.regression_head.bbox_reg.');
  const stored = (shape: Shape): StoredTensor => ({
    shape,
    dtype: 'float32',
    read: () => new Float32Array(elements(shape)).fill(1),
  });
  const file = (nameOf: (name: string) => string, others: StateDict = new Map()) => {
    const own = [...model.wholeGraph.parameters.values()].map(
      ({ name, shape }) => [nameOf(torchvision(name)), stored(shape)] as const,
    );
    return { path: 'f.pth', format: 'torch-zip', meta: {}, tensors: new Map([...own, ...others]) } as const;
  };

  test('fill the network, and under a trainer’s prefix as well', () => {
    for (const prefix of ['', 'model.', 'net.detector.']) {
      using weights = fitWeights(
        model,
        file((name) => prefix + name),
      );
      expect(weights.report).toMatchObject({ missing: [], unexpected: [], mismatched: [] });
      expect(weights.report?.unwrapped?.prefix).toBe(prefix === '' ? undefined : prefix);
    }
  });

  test('a file of a deeper network is refused', () => {
    const deeper = new Map([['backbone.body.layer3.5.conv1.weight', stored([32, 32, 3, 3])]]);
    expect(() =>
      fitWeights(
        model,
        file((name) => name, deeper),
      ),
    ).toThrow(
      /expected no layers inside the parts of the network that these lack.*backbone\.body\.layer3\.5\.conv1\.weight/s,
    );
  });

  test('a file with another number of classes says so', () => {
    const { tensors, ...rest } = file((name) => name);
    for (const [name, count] of [
      ['weight', [36, 16, 3, 3]],
      ['bias', [36]],
    ] as const) {
      tensors.set(`head.classification_head.cls_logits.${name}`, stored(count));
    }
    expect(() => fitWeights(model, { ...rest, tensors })).toThrow(
      'the class counts differ (the last layer has 36 outputs in the file, 27 in the network)',
    );
  });
});
