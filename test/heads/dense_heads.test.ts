/** ATSSHead and FCOSHead in whole detectors, as mmdet builds them. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { FrameTransform } from '../../core/frame.js';
import { tensor } from '../../core/tensor.js';
import { countMacs, countParameters } from '../../graph/count.js';
import { optimise } from '../../graph/passes/index.js';
import { buildModel } from '../../tasks/build_model.js';
import { readReference } from '../reference.js';
import { formulaNetwork, onnxBytes, runNetwork, runOnnx } from '../run_network.js';

const size = z.tuple([z.number(), z.number()]);
const metaSchema = z.object({ ori_shape: size, img_shape: size, pad_shape: size, scale_factor: size });
const caseSchema = z.object({
  model: z.looseObject({ type: z.string() }),
  image_meta: z.record(z.string(), z.array(metaSchema)),
  parameters: z.number(),
  macs_512: z.object({ total: z.number() }),
  state_dict: z.array(z.tuple([z.string(), z.array(z.number())])),
});

function frameOf({ ori_shape, img_shape, pad_shape, scale_factor }: z.output<typeof metaSchema>): FrameTransform {
  return {
    original: { height: ori_shape[0], width: ori_shape[1] },
    resized: { height: img_shape[0], width: img_shape[1] },
    padded: { height: pad_shape[0], width: pad_shape[1] },
    scaleX: scale_factor[0],
    scaleY: scale_factor[1],
    left: 0,
    top: 0,
  };
}

describe.each([
  'atss_r18',
  'atss_tblr_softmax',
  'atss_tblr_plain',
  'fcos_r18',
  'fcos_center_normbbox_centeronreg',
  'fcos_plain',
])('%s', (name) => {
  const values = readReference(`detectors/${name}`);
  const reference = caseSchema.parse(values.description);
  const model = buildModel(reference.model);

  test('has its parameters, in their order, and its cost', () => {
    const parameters = [...model.wholeGraph.parameters.values()].map((parameter) => [parameter.name, parameter.shape]);
    expect(parameters).toEqual(reference.state_dict);
    expect(countParameters(model.wholeGraph)).toBe(reference.parameters);
    expect(countMacs(model.wholeGraph, { input: [1, 3, 512, 512] })).toBe(reference.macs_512.total);
  });

  test.each(Object.entries(reference.image_meta).filter(([key]) => values.inputs.includes(`${key}.input`)))(
    'raw outputs and boxes, %s',
    async (key, metas) => {
      const input = values.input(`${key}.input`);
      const outputs = await runNetwork(optimise(formulaNetwork(model.graph)), { input });
      const raw = values.outputs.filter((output) => new RegExp(`^${key}\\.(cls|reg|centerness)\\d$`).test(output));
      expect(raw.length).toBeGreaterThan(5);
      for (const output of raw) {
        expect(values.error(output, outputs[output.slice(key.length + 1)]), output).toBeLessThan(1e-5);
      }
      if (model.task !== 'detection') throw new Error(model.task);
      for (const [index, meta] of metas.entries()) {
        const { boxes, scores, labels } = model.decode(outputs, index, frameOf(meta));
        const expected = (part: string) => values.whole(`${key}.${index}.${part}`).data;
        const [expectedBoxes, expectedScores] = [expected('boxes'), expected('scores')];
        const expectedLabels = values.labels(`${key}.${index}.labels`);
        expect(expectedScores.length).toBeGreaterThan(50);
        expect(scores).toHaveLength(expectedScores.length);
        const free = new Set(scores.keys());
        // Scores closer than 1e-5 may change places: each box is looked for among those of nearly its score.
        expectedScores.forEach((score, i) => {
          const wanted = expectedBoxes.subarray(4 * i, 4 * i + 4);
          const found = [...free].find(
            (j) =>
              Math.abs((scores[j] ?? 0) - score) < 1e-5 &&
              (i === j || Math.abs((expectedScores[j] ?? 0) - score) < 1e-5) &&
              labels[j] === expectedLabels[i] &&
              wanted.every((side, k) => Math.abs(side - (boxes[4 * j + k] ?? Number.NaN)) < 0.01),
          );
          expect(found, `picture ${index}, box ${i}`).toBeDefined();
          if (found !== undefined) free.delete(found);
        });
      }
    },
  );
});

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
