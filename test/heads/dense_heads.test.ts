/** ATSSHead and FCOSHead in whole detectors, as mmdet builds them. */
import { describe, expect, test } from 'vitest';
import type { FrameTransform } from '../../core/frame.js';
import { tensor } from '../../core/tensor.js';
import { optimise } from '../../graph/passes/index.js';
import { buildModel } from '../../tasks/build_model.js';
import { readReference } from '../reference.js';
import { formulaNetwork, onnxBytes, runOnnx } from '../run_network.js';
import { caseSchema, describeDetector } from './dense_parity.js';

for (const name of ['atss_tblr_softmax', 'atss_tblr_plain', 'fcos_center_normbbox_centeronreg', 'fcos_plain']) {
  describeDetector(name);
}

test.each(['atss_tblr_softmax', 'fcos_center_normbbox_centeronreg'])('%s in float16', async (name) => {
  const values = readReference(`detectors/${name}`);
  const network = optimise(formulaNetwork(buildModel(caseSchema.parse(values.description).model).graph));
  const input = values.input('96x160.input');
  const outputs = await runOnnx(onnxBytes(network, 'float16'), { input });
  let worst = 0;
  for (const [output, actual] of Object.entries(outputs))
    worst = Math.max(worst, values.error(`96x160.${output}`, actual));
  // As any head behind a backbone (`graph/onnx/precision.test.ts`); measured is 1.4e-3.
  expect(worst).toBeLessThan(4e-3);
});

const backbone = { type: 'ResNet', depth: 18, base_channels: 8 };
const neck = { type: 'FPN', out_channels: 8, start_level: 1, num_outs: 5, add_extra_convs: 'on_output' };
const detector = (bbox_head: object, test_cfg?: object) =>
  buildModel({
    type: 'SingleStageDetector',
    backbone,
    neck,
    bbox_head,
    ...(test_cfg === undefined ? {} : { test_cfg }),
  });
const atss = { type: 'ATSSHead', num_classes: 2, feat_channels: 8, stacked_convs: 1, norm_cfg: null };
const fcos = { ...atss, type: 'FCOSHead', strides: [8, 16, 32, 64, 128] };

describe('what a config may not say', () => {
  test.each([
    [
      'a coder of points over anchors',
      { ...atss, bbox_coder: { type: 'DistancePointBBoxCoder' } },
      'model.bbox_head.bbox_coder: expected a coder of boxes relative to boxes, which the priors are',
    ],
    [
      'a coder of anchors over points',
      { ...fcos, bbox_coder: { type: 'DeltaXYWHBBoxCoder' } },
      'model.bbox_head.bbox_coder: expected a coder of boxes relative to points, which the priors are',
    ],
    [
      'points where anchors are, without a coder for them',
      { ...atss, anchor_generator: { type: 'MlvlPointGenerator', strides: [8, 16, 32, 64, 128] } },
      'model.bbox_head.bbox_coder: expected a coder of boxes relative to points',
    ],
    [
      'strides of other levels',
      { ...fcos, strides: [4, 8, 16, 32, 64] },
      'model.bbox_head.strides: expected [8, 16, 32, 64, 128], the strides of the features that come in but received [4,8,16,32,64]',
    ],
    [
      'a misspelt key of a part',
      { ...atss, bbox_coder: { type: 'TBLRBBoxCoder', normaliser: 2 } },
      "model.bbox_head.bbox_coder.normaliser: expected one of the keys normalizer, clip_border, use_box_type but received 'normaliser'. Did you mean 'normalizer'?",
    ],
    [
      'deformable convolutions',
      { ...fcos, dcn_on_last_conv: true },
      'model.bbox_head.dcn_on_last_conv: expected false: no deformable convolution is here but received true',
    ],
    [
      'another number of groups than divides the channels',
      { ...atss, norm_cfg: { type: 'GN', num_groups: 3 } },
      'expected channels divisible by 3 groups but received 8',
    ],
  ])('%s', (_, head, message) => {
    expect(() => detector(head)).toThrow(message);
  });

  test('an unknown suppression', () => {
    expect(() => detector(atss, { nms: { type: 'sot_nms' } })).toThrow(
      "model.test_cfg.nms.type: expected one of 'nms', 'soft_nms', 'torchvision_nms' but received 'sot_nms'. Did you mean 'soft_nms'?",
    );
  });
});

test('points with a coder for them take the place of anchors', () => {
  const anchor_generator = { type: 'MlvlPointGenerator', strides: [8, 16, 32, 64, 128] };
  expect(detector({ ...atss, anchor_generator, bbox_coder: { type: 'DistancePointBBoxCoder' } }).task).toBe(
    'detection',
  );
});

test('centerness lowers the scores of what is kept, and NaN in it is an error of its picture', () => {
  const model = detector(fcos, { nms_pre: 100, score_thr: 0.5, nms: { type: 'nms', iou_threshold: 0.6 } });
  if (model.task !== 'detection') throw new Error(model.task);
  const map = (channels: number, side: number, value: number) =>
    tensor([1, channels, side, side], new Float32Array(channels * side * side).fill(value));
  const outputs = (centerness: number) =>
    Object.fromEntries(
      [8, 4, 2, 1, 1].flatMap((side, level) => [
        [`cls${level}`, map(2, side, level === 3 ? 2 : -9)] as const,
        [`reg${level}`, map(4, side, 20)] as const,
        [`centerness${level}`, map(1, side, centerness)] as const,
      ]),
    );
  const square = { height: 64, width: 64 };
  const frame: FrameTransform = {
    ...{ original: square, resized: square, padded: square, scaleX: 1, scaleY: 1, left: 0, top: 0 },
  };
  const { boxes, scores, labels } = model.decode(outputs(0), 0, frame);
  expect([...boxes]).toEqual([12, 12, 52, 52, 12, 12, 52, 52]);
  expect([...labels]).toEqual([0, 1]);
  // Half of the score: below the threshold, which class scores alone have to pass.
  for (const score of scores) expect(score).toBeCloseTo(0.5 / (1 + Math.exp(-2)), 6);
  expect(() => model.decode(outputs(Number.NaN), 0, frame)).toThrow('centerness: expected numbers from the network');
});
