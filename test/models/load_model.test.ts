import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RgbImage } from '../../core/frame.js';
import { tensor } from '../../core/tensor.js';
import { drawDemoScene } from '../../drawing/demo_scene.js';
import { type LoadedModel, loadClassifier, loadDetector, loadModel, loadSegmentor } from '../../models/load_model.js';
import { openConfig } from '../../models/open_config.js';
import type { DetectionConfig, SegmentationConfig } from '../../tasks/config.js';
import { writeSafetensors } from '../../weights/safetensors.js';
import { formulaValue } from '../formula_weights.js';

const asset = (name: string) => fileURLToPath(new URL(`../../assets/${name}`, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'lowformer-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const backbone = { type: 'LowFormer', arch: 'custom', widths: [8, 8, 16, 32, 32], depths: [0, 1, 1, 1, 1] } as const;
const segmentorConfig = {
  model: {
    type: 'EncoderDecoder',
    data_preprocessor: { type: 'SegDataPreProcessor', mean: [120, 120, 120], std: [60, 60, 60], bgr_to_rgb: true },
    backbone,
    neck: { type: 'FPN', out_channels: 16, num_outs: 4 },
    decode_head: { type: 'FPNHead', channels: 16, num_classes: 3, norm_cfg: { type: 'BN' } },
  },
  test_pipeline: [
    { type: 'LoadImageFromFile' },
    { type: 'Resize', scale: [96, 96], keep_ratio: true },
    { type: 'PackSegInputs' },
  ],
  metainfo: { classes: ['sky', 'road', 'car'] },
} satisfies SegmentationConfig;

/** A checkpoint that fills a config's network with the formula weights. */
async function formulaCheckpoint(
  config: string | DetectionConfig | SegmentationConfig,
  name: string,
  only = '',
): Promise<string> {
  const { model } = await openConfig(config);
  const parameters = [...model.wholeGraph.parameters.values()].filter((parameter) => parameter.name.startsWith(only));
  const path = join(folder, name);
  await writeSafetensors(
    path,
    Object.fromEntries(parameters.map((p) => [p.name, tensor(p.shape, formulaValue(p.name, p.shape))])),
  );
  return path;
}

const cut = ({ data, width }: RgbImage, w: number, h: number): RgbImage => ({
  width: w,
  height: h,
  data: Uint8Array.from(
    { length: w * h * 3 },
    (_, i) => data[(Math.floor(i / (w * 3)) * width + (Math.floor(i / 3) % w)) * 3 + (i % 3)] ?? 0,
  ),
});
const png = ({ data, width, height }: RgbImage) =>
  sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();

describe('a detector', () => {
  const scene = drawDemoScene(6).image;
  const [whole, part] = [scene, cut(scene, 333, 251)];
  let model: LoadedModel<import('../../core/results.js').Detections>;
  beforeAll(async () => {
    model = await loadDetector(asset('blood_cells.json'), { checkpoint: asset('blood_cells.safetensors') });
  });
  afterAll(async () => model[Symbol.asyncDispose]());

  test('says what it is and what it loaded', () => {
    expect(model.task).toBe('detection');
    expect(model.device).toBe('cpu');
    expect(model.classes).toEqual(['RBC', 'WBC', 'Platelets']);
    expect(model.report?.missing).toEqual([]);
    expect(model.report?.loaded.length).toBeGreaterThan(100);
    expect(model.unused).toContain('model.train_cfg');
  });

  test('sees the same in a path, a Buffer and raw pixels', async () => {
    const path = join(folder, 'scene.png');
    const bytes = await png(whole);
    writeFileSync(path, bytes);
    const [fromPath, fromBuffer, fromPixels] = [
      await model.predict(path),
      await model.predict(bytes),
      await model.predict(whole),
    ];
    expect(fromPixels.detections.length).toBeGreaterThan(15);
    expect(fromPixels).toMatchObject({ kind: 'detection', width: 640, height: 480 });
    expect(fromPath).toEqual(fromPixels);
    expect(fromBuffer).toEqual(fromPixels);
    const scores = fromPixels.detections.map(({ score }) => score);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
  });

  test('runs pictures of several sizes in one batch, each in its own pixels', async () => {
    const [first, second] = await model.predictBatch([whole, part]);
    expect([first?.width, second?.width]).toEqual([640, 333]);
    const alone = await model.predict(part);
    expect(second?.detections.length).toBe(alone.detections.length);
    for (const [i, { box }] of alone.detections.entries()) {
      for (const [k, side] of box.entries()) expect(second?.detections[i]?.box[k]).toBeCloseTo(side, 1);
    }
  });

  test.each([1, 2, 3])(
    'goes through many pictures in order, batches of %d, and a bad one keeps none',
    async (batchSize) => {
      const sources = [whole, join(folder, 'not there.png'), part, new Uint8Array([1, 2, 3]), whole];
      const outcomes = [];
      for await (const outcome of model.predictMany(sources, { batchSize })) outcomes.push(outcome);
      expect(outcomes.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4]);
      expect(outcomes.map(({ ok }) => ok)).toEqual([true, false, true, false, true]);
      const [first, missing, , broken] = outcomes;
      expect(first?.ok === true && first.result.detections.length).toBeGreaterThan(15);
      expect(missing?.ok === false && missing.error.message).toContain('not there.png');
      expect(broken?.ok === false && broken.error.code).toBe('unreadable-image');
    },
  );

  test('an iteration that is left early leaves nothing behind', async () => {
    for await (const outcome of model.predictMany([whole, part, whole, part])) {
      expect(outcome.index).toBe(0);
      break;
    }
    expect((await model.predict(part)).width).toBe(333);
  });

  test('an aborted call rejects with its reason, and the next one runs', async () => {
    const controller = new AbortController();
    const running = model.predict(whole, { signal: controller.signal });
    controller.abort(new Error('no longer wanted'));
    await expect(running).rejects.toThrow('no longer wanted');
    expect((await model.predict(part)).width).toBe(333);
  });

  test('forty calls on one signal make Node warn of nothing, and one abort ends them all', async () => {
    const warnings: Error[] = [];
    const warn = (warning: Error) => warnings.push(warning);
    process.on('warning', warn);
    const controller = new AbortController();
    const small = cut(scene, 16, 16);
    const calls = Array.from({ length: 40 }, () => model.predict(small, { signal: controller.signal }));
    await calls[0];
    controller.abort(new Error('no longer wanted'));
    const settled = await Promise.allSettled(calls);
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', warn);
    expect(settled.some(({ status }) => status === 'rejected')).toBe(true);
    expect(warnings).toEqual([]);
  });

  test('a frame buffer may be filled again as soon as the call is made', async () => {
    const frame = { ...part, data: Uint8Array.from(part.data) };
    const expected = await model.predict(part);
    const [one, batch] = [model.predict(frame), model.predictBatch([frame])];
    frame.data.fill(255);
    expect(await one).toEqual(expected);
    expect(await batch).toEqual([expected]);
    // Handed over, it is read where it lies.
    expect((await model.predict(frame, { transfer: true })).detections).not.toEqual(expected.detections);
  });

  test('sees the same in a canvas’ pixels as in RGB', async () => {
    const { width, height, data } = part;
    const rgba = Uint8ClampedArray.from({ length: width * height * 4 }, (_, i) =>
      i % 4 === 3 ? 128 : (data[Math.floor(i / 4) * 3 + (i % 4)] ?? 0),
    );
    expect(await model.predict({ width, height, data: rgba })).toEqual(await model.predict(part));
  });

  test('a picture that cannot be prepared is named, alone and in a batch', async () => {
    await using ratio = await loadDetector(asset('blood_cells.json'), {
      checkpoint: asset('blood_cells.safetensors'),
      cfgOptions: ['test_pipeline.1.keep_ratio=true'],
    });
    const thread = { width: 5000, height: 2, data: new Uint8Array(30_000) };
    const path = join(folder, 'thread.png');
    writeFileSync(path, await png(thread));
    const message = `${path}: test_pipeline Resize: expected a picture that keeps at least one pixel each way`;
    await expect(ratio.predict(path)).rejects.toThrow(message);
    await expect(ratio.predictBatch([part, thread])).rejects.toThrow('picture 1: test_pipeline Resize');
    const outcomes = [];
    for await (const outcome of ratio.predictMany([part, path, part], { batchSize: 3 })) outcomes.push(outcome);
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, false, true]);
    expect(outcomes[1]?.ok === false && outcomes[1].error.message).toContain(message);
  });

  test('tells the time by stage', async () => {
    const timings: unknown[] = [];
    await model.predict(part, { onTiming: (timing) => timings.push(timing) });
    const number = expect.any(Number);
    expect(timings).toEqual([{ pictures: 1, prepare: number, network: number, decode: number }]);
  });

  test('raw pixels of the wrong length are refused', async () => {
    await expect(model.predict({ ...part, height: 10 })).rejects.toThrow(
      'That is width * height * 3 bytes, 9990 (RGB)',
    );
  });
});

test('after disposal a model says so', async () => {
  const model = await loadDetector(asset('blood_cells.json'), { checkpoint: asset('blood_cells.safetensors') });
  await model[Symbol.asyncDispose]();
  await model[Symbol.asyncDispose]();
  await expect(model.predict(drawDemoScene().image)).rejects.toMatchObject({ code: 'disposed' });
});

test('a segmentor runs pictures of several sizes, and each as if it were alone', async () => {
  const checkpoint = await formulaCheckpoint(segmentorConfig, 'segmentor.safetensors');
  await using model = await loadSegmentor(segmentorConfig, { checkpoint });
  const scene = drawDemoScene(1).image;
  const sources = [cut(scene, 64, 48), cut(scene, 50, 99), cut(scene, 64, 48), cut(scene, 131, 97)];
  const together = await model.predictBatch(sources);
  for (const [i, source] of sources.entries()) {
    const alone = await model.predict(source);
    expect(together[i]).toEqual(alone);
    expect(alone.labels).toHaveLength(source.width * source.height);
    expect(alone.classes.reduce((sum, { pixels }) => sum + pixels, 0)).toBe(alone.labels.length);
  }
});

describe('weights that do not fill the whole network', () => {
  const whole: DetectionConfig = {
    ...segmentorConfig,
    model: {
      type: 'RetinaNet',
      data_preprocessor: { type: 'DetDataPreprocessor' },
      backbone,
      neck: { type: 'FPN', out_channels: 16, num_outs: 5, start_level: 1, add_extra_convs: 'on_input' },
      bbox_head: { type: 'RetinaHead', num_classes: 3, stacked_convs: 1, feat_channels: 16 },
    },
  };

  test('are refused, and allowed by name', async () => {
    const checkpoint = await formulaCheckpoint(whole, 'backbone.safetensors', 'backbone.');
    await expect(loadDetector(whole, { checkpoint })).rejects.toThrow("allowMismatch: ['neck', 'bbox_head']");
    await using model = await loadDetector(whole, { checkpoint, allowMismatch: ['neck', 'bbox_head'] });
    expect(model.report?.loaded.every((name) => name.startsWith('backbone.'))).toBe(true);
    expect(model.report?.missing.length).toBeGreaterThan(10);
  });

  test('fill the backbone when init_cfg names them, and are still no trained detector', async () => {
    const checkpoint = await formulaCheckpoint(whole, 'init.safetensors', 'backbone.');
    const init_cfg = { type: 'Pretrained', checkpoint, prefix: 'backbone.' };
    const config = { ...whole, model: { ...whole.model, backbone: { ...backbone, init_cfg } } };
    const opened = await openConfig(config);
    expect(opened.pretrained).toEqual({ checkpoint, prefix: 'backbone.' });
    expect(opened.unused).not.toContain('model.backbone.init_cfg');
    await expect(loadDetector(config)).rejects.toThrow("The config's init_cfg fills the backbone alone");
  });

  test('an init_cfg that would be downloaded is left unused, and said to be', async () => {
    const init_cfg = { type: 'Pretrained', checkpoint: 'torchvision://resnet50' };
    const opened = await openConfig({ ...whole, model: { ...whole.model, backbone: { ...backbone, init_cfg } } });
    expect(opened.pretrained).toBeUndefined();
    expect(opened.unused).toContain('model.backbone.init_cfg');
  });
});

test.each([
  ['no checkpoint', () => loadModel('retinanet_lowformer-b0_fpn_1x_coco'), 'checkpoint: expected trained weights'],
  ['another task', () => loadClassifier('retinanet_lowformer-b0_fpn_1x_coco'), 'expected a model for classification'],
  [
    'an unknown config',
    () => loadModel('retinanet_lowformer-b9_fpn_1x_coco'),
    "Did you mean 'retinanet_lowformer-b0_fpn_1x_coco'?",
  ],
  [
    'an override that does not fit',
    () => loadModel('retinanet_lowformer-b0_fpn_1x_coco', { cfgOptions: ['model.neck.num_outs=2'] }),
    'model.neck.num_outs: expected at least 3',
  ],
  [
    'classes that the head does not tell apart',
    () => loadModel('retinanet_lowformer-b0_fpn_1x_coco', { cfgOptions: ['model.bbox_head.num_classes=79'] }),
    'metainfo.classes: expected 79 entries',
  ],
])('refused: %s', async (_, load, message) => {
  await expect(load()).rejects.toThrow(message);
});
