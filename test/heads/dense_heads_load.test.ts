/** ATSS and FCOS from a checkpoint to boxes: scalar parameters, names of mmdet's first versions. */
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type Tensor, tensor } from '../../core/tensor.js';
import { loadDetector } from '../../models/load_model.js';
import { buildModel } from '../../tasks/build_model.js';
import type { DetectionConfig } from '../../tasks/config.js';
import { writeSafetensors } from '../../weights/safetensors.js';
import { formulaValue } from '../formula_weights.js';
import { createWorkspace } from '../workspace.js';

const workspace = createWorkspace();
afterAll(() => workspace[Symbol.dispose]());

const strides = [8, 16, 32, 64, 128];
const configOf = (type: 'ATSS' | 'FCOS', bbox_head: DetectionConfig['model']['bbox_head']): DetectionConfig => ({
  model: {
    type,
    data_preprocessor: { type: 'DetDataPreprocessor', mean: [127.5], std: [64], pad_size_divisor: 32 },
    backbone: { type: 'ResNet', depth: 18, base_channels: 8 },
    neck: { type: 'FPN', out_channels: 16, start_level: 1, num_outs: 5, add_extra_convs: 'on_output' },
    bbox_head,
    test_cfg: {
      nms_pre: 1000,
      score_thr: 0.05,
      min_bbox_size: 0,
      nms: { type: 'soft_nms', min_score: 0.05 },
      max_per_img: 20,
    },
  },
  test_pipeline: [{ type: 'Resize', scale: [96, 64], keep_ratio: true }],
  metainfo: { classes: ['cat', 'dog'] },
});
const common = {
  num_classes: 2,
  feat_channels: 16,
  stacked_convs: 1,
  norm_cfg: { type: 'GN', num_groups: 4 },
} as const;
const cases = [
  ['ATSS', configOf('ATSS', { type: 'ATSSHead', ...common, bbox_coder: { type: 'TBLRBBoxCoder' } })],
  ['FCOS', configOf('FCOS', { type: 'FCOSHead', ...common, strides, norm_on_bbox: true })],
] as const;
const picture = { width: 48, height: 32, data: Uint8Array.from({ length: 48 * 32 * 3 }, (_, i) => (i * 37) % 256) };

describe.each(cases)('%s', (name, config) => {
  const parameters = [...buildModel(config.model).graph.parameters.values()];
  const weights = (rename: (name: string) => string): Record<string, Tensor> =>
    Object.fromEntries(
      parameters.map((one) => [rename(one.name), tensor(one.shape, formulaValue(one.name, one.shape))]),
    );
  const counted = parameters.filter((one) => !one.name.endsWith('.num_batches_tracked')).length;

  test('loads every parameter, one number of each level among them, and finds boxes', async () => {
    expect(parameters.find((one) => one.name === 'bbox_head.scales.4.scale')?.shape).toEqual([]);
    const checkpoint = join(workspace.folder, `${name}.safetensors`);
    await writeSafetensors(
      checkpoint,
      weights((own) => own),
    );
    await using model = await loadDetector(config, { checkpoint, threads: 1 });
    expect(model.report?.loaded).toHaveLength(counted);
    expect(model.report?.missing).toEqual([]);
    const { detections } = await model.predict(picture);
    expect(detections.length).toBeGreaterThan(0);
    for (const { box, score } of detections) {
      const [x1, y1, x2, y2] = box;
      expect(x1 >= 0 && y1 >= 0 && x1 < x2 && y1 < y2 && x2 <= 48 && y2 <= 32, String(box)).toBe(true);
      expect(score).toBeGreaterThanOrEqual(0.05);
    }

    const old = join(workspace.folder, `${name}_old.safetensors`);
    await writeSafetensors(
      old,
      weights((own) => own.replace(/^bbox_head\.conv_(cls|reg|centerness)\./, 'bbox_head.fcos_$1.')),
    );
    await using other = await loadDetector(config, { checkpoint: old, threads: 1 });
    expect((await other.predict(picture)).detections).toEqual(detections);
  });

  test('starts as mmdet starts it where a checkpoint has no head', async () => {
    const checkpoint = join(workspace.folder, `${name}_backbone.safetensors`);
    const bare = Object.entries(weights((own) => own)).filter(([own]) => !own.startsWith('bbox_head.'));
    await writeSafetensors(checkpoint, Object.fromEntries(bare));
    await using model = await loadDetector(config, { checkpoint, allowMismatch: ['bbox_head'], threads: 1 });
    expect(model.report?.missing.filter((own) => own.startsWith('bbox_head.scales.'))).toHaveLength(5);
    // No score is far from the prior of 0.01: none passes.
    expect((await model.predict(picture)).detections).toEqual([]);
  });
});
