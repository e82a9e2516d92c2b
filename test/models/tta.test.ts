/** Test-time augmentation, from a config and a checkpoint to results. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { RgbImage } from '../../core/frame.js';
import type { Detections } from '../../core/results.js';
import { flipBoxes } from '../../images/boxes.js';
import { loadClassifier, loadDetector, loadSegmentor } from '../../models/load_model.js';
import type { LoadOptions } from '../../models/options.js';
import type { StageTiming } from '../../tasks/predictor.js';
import { classifier, detector, drawPicture, onMultiplesOf32, segmentor, writeModel } from '../tools/tiny_models.js';

const folder = mkdtempSync(join(tmpdir(), 'lowformer-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The picture upside down. */
function upsideDown(picture: RgbImage): RgbImage {
  const { width, height, data } = picture;
  const row = width * 3;
  return { ...picture, data: data.map((_, i) => data[(height - 1 - Math.floor(i / row)) * row + (i % row)] ?? 0) };
}

async function written<Config extends { readonly model: object }>(
  name: string,
  config: Config,
): Promise<readonly [config: string, options: LoadOptions]> {
  await writeModel(folder, name, config);
  return [join(folder, `${name}.json`), { checkpoint: join(folder, `${name}.safetensors`) }];
}

const looks = (...transforms: unknown[]) => ({
  tta_pipeline: [{ type: 'LoadImageFromFile' }, { type: 'TestTimeAug', transforms }],
});
const UPSIDE_DOWN = [
  { type: 'RandomFlip', prob: 0 },
  { type: 'RandomFlip', prob: 1, direction: 'vertical' },
];
const pictures = [drawPicture(101, 75), drawPicture(64, 90, 90), drawPicture(101, 75, 120)];

describe.each([
  ['any size', segmentor, {}],
  ['multiples of 32', onMultiplesOf32(segmentor), {}],
  ['windows', segmentor, { test_cfg: { mode: 'slide', crop_size: [40, 30], stride: [25, 20] } }],
])('a segmentor: %s', (name, config, model) => {
  test('a picture upside down has the labels upside down, to the last', async () => {
    const whole = { ...config, model: { ...config.model, ...model }, tta_model: { type: 'SegTTAModel' } };
    const [path, options] = await written(`seg ${name}`, {
      ...whole,
      ...looks(UPSIDE_DOWN, [{ type: 'PackSegInputs' }]),
    });
    const said: string[] = [];
    await using segmentor = await loadSegmentor(path, { ...options, tta: true, onMessage: (line) => said.push(line) });
    expect(said).toContain('test-time augmentation: 2 looks at each picture (tta_pipeline)');
    expect(segmentor.unused).not.toContain('tta_pipeline');
    await using alone = await loadSegmentor(path, options);
    expect(alone.unused).toContain('tta_pipeline');
    let differing = 0;
    for (const picture of pictures) {
      const { width, height, labels } = await segmentor.predict(picture);
      const below = await segmentor.predict(upsideDown(picture));
      expect([width, height]).toEqual([picture.width, picture.height]);
      expect(below.labels).toEqual(
        labels.map((_, i) => labels[(height - 1 - Math.floor(i / width)) * width + (i % width)] ?? 0),
      );
      const { labels: other } = await alone.predict(picture);
      for (const [i, label] of labels.entries()) differing += label === other[i] ? 0 : 1;
    }
    expect(differing).toBeGreaterThan(0);
  });
});

test('one look that is the test_pipeline gives what is found without', async () => {
  const [, resize] = segmentor.test_pipeline;
  const [path, options] = await written('seg one', { ...segmentor, ...looks([resize]) });
  await using augmented = await loadSegmentor(path, { ...options, tta: true });
  await using plain = await loadSegmentor(path, options);
  const timings: StageTiming[] = [];
  const results = await augmented.predictBatch(pictures, { onTiming: (timing) => timings.push(timing) });
  expect(results).toEqual(await plain.predictBatch(pictures));
  expect(timings.reduce((sum, { pictures: count }) => sum + count, 0)).toBe(3);
  for (const { prepare, network, decode } of timings) expect(Math.min(prepare, network, decode)).toBeGreaterThan(0);
});

describe('a detector', () => {
  const corners = ({ detections }: Detections) => detections.map(({ box }) => [...box]);

  test('without a tta_pipeline sees each picture mirrored as well', async () => {
    const [path, options] = await written('det default', {
      ...detector,
      test_pipeline: [{ type: 'LoadImageFromFile' }],
    });
    const said: string[] = [];
    await using model = await loadDetector(path, { ...options, tta: true, onMessage: (line) => said.push(line) });
    expect(said).toContain(
      'test-time augmentation: 2 looks at each picture (the config has no tta_pipeline: as it is, and mirrored)',
    );
    const results = await model.predictBatch(pictures.slice(0, 1));
    expect(results[0]?.detections.length).toBeGreaterThan(0);
    expect((await loadDetector(path, options)).unused).toEqual(model.unused);
  });

  test('a picture upside down has the boxes upside down', async () => {
    // Multiples of 32: what is padded lies at the bottom, and would look otherwise there.
    const picture = drawPicture(96, 64);
    const scales = [
      { type: 'Resize', scale: [96, 64], keep_ratio: true },
      { type: 'Resize', scale: [192, 128], keep_ratio: true },
    ];
    const merged = {
      tta_model: { type: 'DetTTAModel', tta_cfg: { nms: { type: 'nms', iou_threshold: 0.6 }, max_per_img: 30 } },
    };
    const config = { ...detector, ...merged, ...looks(scales, UPSIDE_DOWN, [{ type: 'PackDetInputs' }]) };
    const [path, options] = await written('det views', config);
    await using model = await loadDetector(path, { ...options, tta: true });
    const found = await model.predict(picture);
    const below = await model.predict(upsideDown(picture));
    expect(found.detections.length).toBeGreaterThan(20);
    const back = corners(below).map((box) => [...flipBoxes(Float32Array.from(box), picture, 'vertical')]);
    for (const [i, box] of corners(found).entries()) {
      for (const [side, value] of box.entries()) expect(back[i]?.[side]).toBeCloseTo(value, 2);
    }
    // One picture of a batch as alone, where both are of one size.
    const [first, second] = await model.predictBatch([picture, upsideDown(picture)]);
    expect(first?.detections.map(({ category }) => category)).toEqual(found.detections.map(({ category }) => category));
    expect(second?.detections).toHaveLength(below.detections.length);
  });
});

describe('refuses', () => {
  test.each([
    [{ tta_model: { type: 'SegTTAModel' } }, "tta_model.type: expected 'DetTTAModel'"],
    [{ tta_model: { type: 'DetTTAModel', tta_cfg: { nmss: {} } } }, 'tta_model.tta_cfg.nmss'],
    [{ tta_model: { type: 'DetTTAModel', tta_cfg: { nms: { type: 'nms_match' } } } }, 'tta_model.tta_cfg.nms.type'],
    [looks([]), 'tta_pipeline.1.transforms.0: expected one step or more'],
    [{ tta_pipeline: [{ type: 'LoadImageFromFile' }] }, 'expected one step TestTimeAug'],
  ])('%j', async (keys, message) => {
    const [path, options] = await written('det wrong', { ...detector, ...keys });
    await expect(loadDetector(path, { ...options, tta: true })).rejects.toThrow(message);
    // Unused, it need not be right.
    await using model = await loadDetector(path, options);
    expect(model.unused).toContain(Object.keys(keys)[0]);
  });

  test('a classifier', async () => {
    const [path, options] = await written('cls', classifier);
    await expect(loadClassifier(path, { ...options, tta: true })).rejects.toThrow(
      "tta: expected a config for detection or segmentation: looks at a picture are averaged there alone but received 'classification'",
    );
  });

  test('a flip in test_pipeline', async () => {
    const test_pipeline = [...detector.test_pipeline, { type: 'RandomFlip', prob: 1 }];
    const [path, options] = await written('det flip', { ...detector, test_pipeline });
    await expect(loadDetector(path, options)).rejects.toThrow('test_pipeline.3: expected no flip (prob 0)');
  });
});
