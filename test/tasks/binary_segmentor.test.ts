import { describe, expect, test } from 'vitest';
import type { Tensors } from '../../core/tensor.js';
import { tensor } from '../../core/tensor.js';
import { encodeLabelMap } from '../../drawing/label_map.js';
import { openConfig, predictionParts } from '../../models/open_config.js';
import type { SegmentationConfig } from '../../tasks/config.js';
import { createPredictor } from '../../tasks/predictor.js';

type Head = SegmentationConfig['model']['decode_head'];

function config(head: object, metainfo: SegmentationConfig['metainfo']): SegmentationConfig {
  const decode_head = { type: 'FPNHead', channels: 8, ...head } as Head;
  return {
    model: {
      type: 'EncoderDecoder',
      data_preprocessor: { type: 'SegDataPreProcessor' },
      backbone: { type: 'LowFormer', arch: 'custom', widths: [4, 8, 8, 16, 16], depths: [0, 1, 1, 1, 1] },
      neck: { type: 'FPN', out_channels: 8, num_outs: 4 },
      decode_head,
    },
    test_pipeline: [{ type: 'LoadImageFromFile' }, { type: 'PackSegInputs' }],
    metainfo,
  };
}

/** A picture of 4x2 pixels whose logits, one a pixel, are these. */
async function predicted(given: SegmentationConfig, logits: readonly number[]) {
  const opened = await openConfig(given);
  const runner = {
    run: async (): Promise<Tensors> => ({ logits: tensor([1, 1, 2, 4], Float32Array.from(logits)) }),
  };
  const predict = createPredictor({ model: opened.model, runner, ...predictionParts(opened) });
  const [result] = await predict([{ width: 4, height: 2, data: new Uint8Array(24) }]);
  if (result?.kind !== 'segmentation') throw new Error('expected a label map');
  return { result, opened };
}

/** mmseg: `seg_logits.sigmoid() > threshold`, 0.3 unless told otherwise. The logit of 0.3 is -0.847. */
const LOGITS = [-9, -0.9, -0.86, -0.84, 0, 0.8, 3, -50];

describe.each([
  ['num_classes 1, one name', { num_classes: 1 }, ['lesion'], ['background', 'lesion']],
  ['num_classes 1, two names', { num_classes: 1 }, ['skin', 'lesion'], ['skin', 'lesion']],
  ['num_classes 2, out_channels 1', { num_classes: 2, out_channels: 1 }, ['skin', 'lesion'], ['skin', 'lesion']],
] as const)('one output and a threshold: %s', (_, head, classes, names) => {
  test('is a map of 0 and 1, as mmseg gives it', async () => {
    const { result, opened } = await predicted(config(head, { classes }), LOGITS);
    expect([...result.labels]).toEqual([0, 0, 0, 1, 1, 1, 1, 0]);
    expect(opened.labels?.map(({ category }) => category)).toEqual(names);
    expect(result.classes).toEqual([
      { classIndex: 0, category: names[0], pixels: 4 },
      { classIndex: 1, category: names[1], pixels: 4 },
    ]);
    expect(opened.model.numClasses).toBe(2);
    expect((await encodeLabelMap(result, { classCount: names.length })).length).toBeGreaterThan(50);
  });

  test('takes the threshold that the config says', async () => {
    const { result } = await predicted(config({ ...head, threshold: 0.5 }, { classes }), LOGITS);
    expect([...result.labels]).toEqual([0, 0, 0, 0, 0, 1, 1, 0]);
  });
});

test('the background gets a colour and an id where the foreground alone has them', async () => {
  const metainfo = { classes: ['lesion'], palette: [[200, 10, 20]], category_ids: [7] };
  const { metaInfo } = await openConfig(config({ num_classes: 1 }, metainfo));
  expect(metaInfo).toMatchObject({
    palette: [
      [0, 0, 0],
      [200, 10, 20],
    ],
    category_ids: [0, 7],
  });
});

test('two outputs need two names', async () => {
  await expect(openConfig(config({ num_classes: 2 }, { classes: ['lesion'] }))).rejects.toThrow(
    'metainfo.classes: expected 2 entries',
  );
});
