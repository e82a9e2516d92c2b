/** Configs as mmdet 2 and mmseg 0 wrote them: thresholds and normalisation are read as they were meant, or refused. */
import { describe, expect, test } from 'vitest';
import { noteText } from '../../core/notes.js';
import { openedConfig, predictionParts } from '../../models/opened_config.js';
import type { ConfigObject } from '../../registry/config_tree.js';
import { sourced } from '../../registry/config_tree.js';
import { detector } from '../tools/tiny_models.js';
import { failure } from '../weights/fixtures.js';

const { test_cfg, data_preprocessor, ...bare } = JSON.parse(JSON.stringify(detector.model));
const thresholds = {
  nms_pre: 100,
  min_bbox_size: 0,
  score_thr: 0.5,
  nms: { type: 'nms', iou_threshold: 0.3 },
  max_per_img: 7,
};
const mean = [123.675, 116.28, 103.53];
const std = [58.395, 57.12, 57.375];

const { test_pipeline, metainfo } = detector;

function opened(config: object) {
  const value: ConfigObject = JSON.parse(JSON.stringify(config));
  return openedConfig({ ...sourced(value, 'old.json'), sources: ['old.json'] });
}
const testConfig = (config: object) =>
  opened(config).model.checked.find(({ path }) => path === 'model.test_cfg')?.config;

describe('test_cfg at the top level', () => {
  const old = { model: { ...bare, data_preprocessor }, test_pipeline, metainfo };

  test('is the model’s, and said once', () => {
    const { model, notes, unused } = opened({ ...old, test_cfg: thresholds });
    expect(model.checked.at(-1)?.config).toMatchObject(thresholds);
    expect(notes.map(noteText)).toEqual([
      'old.json: test_cfg stands at the top level, as in mmdet 2, and is read as model.test_cfg (1)',
    ]);
    expect(unused).not.toContain('test_cfg');
  });

  test('mmcv’s older name of the threshold', () => {
    const { iou_threshold, ...nms } = thresholds.nms;
    expect(testConfig({ ...old, test_cfg: { ...thresholds, nms: { ...nms, iou_thr: iou_threshold } } })).toMatchObject(
      thresholds,
    );
  });

  test('the same name in the model’s own', () => {
    const { iou_threshold, ...nms } = thresholds.nms;
    const own = { ...thresholds, nms: { ...nms, iou_thr: iou_threshold } };
    expect(testConfig({ ...old, model: { ...old.model, test_cfg: own } })).toMatchObject(thresholds);
  });

  test.each([{ type: 'TestLoop' }, { type: 'TestLoop', fp16: true }, {}, null])('mmengine’s own %j is none', (loop) => {
    const { notes, model } = opened({ ...old, model: { ...old.model, test_cfg }, test_cfg: loop });
    expect(notes).toEqual([]);
    expect(model.checked.at(-1)?.config).toMatchObject({ score_thr: 0.05 });
  });

  test('in two places is a mistake, and so is a key that the head does not know', async () => {
    const twice = { ...old, model: { ...old.model, test_cfg }, test_cfg: thresholds };
    expect(await failure(() => opened(twice))).toMatch(
      /^invalid-config: test_cfg: expected one place for the thresholds/,
    );
    expect(await failure(() => opened({ ...old, test_cfg: { score_thresh: 0.5 } }))).toContain(
      'model.test_cfg.score_thresh: expected one of the keys',
    );
  });
});

describe('how pictures are normalised', () => {
  const parts = (config: object) => predictionParts(opened(config));
  const raw = { model: { ...bare, test_cfg }, test_pipeline, metainfo };

  test('is said, or it is a mistake of whoever runs it on pictures', async () => {
    expect(await failure(() => parts(raw))).toBe(
      'invalid-config: model.data_preprocessor: expected how pictures are normalised, but the key is missing, and ' +
        "test_pipeline has no Normalize. For example {type: 'DetDataPreprocessor', mean: [123.675, 116.28, 103.53], std: " +
        '[58.395, 57.12, 57.375], …}. For pictures as they are, 0 to 255 in the order BGR, say so: ' +
        "{type: 'DetDataPreprocessor'}.",
    );
    // The network alone can be looked at.
    expect(opened(raw).model.task).toBe('detection');
  });

  test('img_norm_cfg alone is a variable of a Python config, which does nothing: the message says what it would be', async () => {
    expect(await failure(() => parts({ ...raw, img_norm_cfg: { mean, std, to_rgb: true } }))).toContain(
      `{"type":"DetDataPreprocessor","mean":${JSON.stringify(mean)},"std":${JSON.stringify(std)},"bgr_to_rgb":true}, which is what img_norm_cfg says`,
    );
  });

  test.each([
    ['in the model', { ...raw, model: { ...raw.model, data_preprocessor: {} } }],
    ['at the top level', { ...raw, data_preprocessor: { mean, std, bgr_to_rgb: true } }],
    ['in the pipeline', { ...raw, test_pipeline: [...test_pipeline.slice(0, 2), { type: 'Normalize', mean, std }] }],
  ])('%s', (_, config) => {
    expect(parts(config).pipeline.length).toBeGreaterThan(1);
  });
});
