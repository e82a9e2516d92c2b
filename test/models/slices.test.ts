/** Windows over pictures: what one gets by cutting them out by hand, whether the picture is held or read in parts. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isParted, type Picture } from '../../core/frame.js';
import type { Detection, Detections, Result } from '../../core/results.js';
import { mergeScoredBoxes } from '../../geometry/box_merging.js';
import { overlappingWindows } from '../../geometry/windows.js';
import { openPicture } from '../../images/open_picture.js';
import { cutPicture } from '../../images/region.js';
import { type LoadedModel, loadDetector, loadSegmentor } from '../../models/load_model.js';
import { openConfig, predictionParts } from '../../models/open_config.js';
import { predictSlices, type SliceOptions } from '../../models/slices.js';
import { buildModel } from '../../tasks/build_model.js';
import { createPartedPredictor, type LabelRows } from '../../tasks/parted_predictor.js';
import { createPredictor, type Runner } from '../../tasks/predictor.js';
import { formulaNetwork, runNetwork } from '../run_network.js';
import { detector, drawPicture, segmentor, writeModel } from '../tools/tiny_models.js';

const folder = mkdtempSync(join(tmpdir(), 'lowformer-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const picture = drawPicture(230, 170);
const file = join(folder, 'picture.png');
let model: LoadedModel<Detections>;

beforeAll(async () => {
  const { width, height, data } = picture;
  await sharp(data, { raw: { width, height, channels: 3 } }).toFile(file);
  await writeModel(folder, 'detector', detector);
  model = await loadDetector(join(folder, 'detector.json'), { checkpoint: join(folder, 'detector.safetensors') });
});
afterAll(() => model.dispose());

/** Windows cut out one by one, boxes moved and merged. */
async function byHand({ size, overlap = 0.2, wholePicture = true, ...how }: SliceOptions): Promise<Detections> {
  const window = typeof size === 'number' ? { width: size, height: size } : size;
  const { lefts, tops, size: cut } = overlappingWindows(picture, window, overlap);
  const found: Detection[] = [];
  for (const top of tops) {
    for (const left of lefts) {
      const { detections } = await model.predict(cutPicture(picture, { left, top, ...cut }));
      found.push(
        ...detections.map(({ box: [a, b, c, d], ...rest }) => ({
          ...rest,
          box: [a + left, b + top, c + left, d + top] as const,
        })),
      );
    }
  }
  if (wholePicture) found.push(...(await model.predict(picture)).detections);
  const merged = mergeScoredBoxes(
    {
      boxes: Float32Array.from(found.flatMap(({ box }) => box)),
      scores: Float32Array.from(found, ({ score }) => score),
      labels: Int32Array.from(found, ({ classIndex }) => classIndex),
    },
    {
      type: how.merge ?? 'nms',
      metric: how.metric ?? 'iou',
      threshold: how.threshold ?? 0.5,
      class_agnostic: how.classAgnostic ?? false,
    },
  );
  const detections = Array.from(merged.scores, (score, i) => {
    const label = found.find(({ classIndex }) => Number(classIndex) === merged.labels[i]);
    if (label === undefined) throw new Error('a class from nowhere');
    const [a = 0, b = 0, c = 0, d = 0] = merged.boxes.subarray(4 * i, 4 * i + 4);
    const { classIndex, categoryId, category } = label;
    return { box: [a, b, c, d] as const, score, classIndex, categoryId, category };
  });
  return { kind: 'detection', width: picture.width, height: picture.height, detections };
}

describe('windows over a held picture', () => {
  test.each<SliceOptions>([
    { size: 96 },
    { size: { width: 120, height: 64 }, overlap: 0, wholePicture: false },
    { size: 100, merge: 'greedy-nmm', metric: 'ios', threshold: 0.4 },
    { size: 100, merge: 'nmm', classAgnostic: true },
  ])('%o: the windows cut out by hand, to the bit', async (slices) => {
    const expected = await byHand(slices);
    expect(expected.detections.length).toBeGreaterThan(20);
    expect(await model.predict(picture, { slices })).toEqual(expected);
    for await (const outcome of model.predictMany([picture, file], { slices })) {
      expect(outcome).toMatchObject({ ok: true, image: picture, result: expected });
    }
  });

  test('several windows in a run of the network: the same up to rounding', async () => {
    const one = await model.predict(picture, { slices: { size: 96 } });
    const four = await model.predict(picture, { slices: { size: 96, batchSize: 4 } });
    expect(four.detections.length).toBe(one.detections.length);
    four.detections.forEach(({ box, score }, i) => {
      expect(Math.abs(score - (one.detections[i]?.score ?? 0))).toBeLessThan(1e-4);
      box.forEach((value, side) => {
        expect(Math.abs(value - (one.detections[i]?.box[side] ?? 0))).toBeLessThan(0.01);
      });
    });
  });

  test('a picture no larger than a window is run as without them', async () => {
    expect(await model.predict(picture, { slices: { size: 230 } })).toEqual(await model.predict(picture));
  });

  test('through batching, and in a batch', async () => {
    const slices = { size: 96 };
    const expected = await model.predict(picture, { slices });
    expect(await model.predictBatch([picture, file], { slices })).toEqual([expected, expected]);
  });
});

/** The network run by the tests' own interpreter: what is decoded is what counts here. */
function predictors(config: { readonly model: unknown }, name: string) {
  const built = buildModel(config.model);
  const network = formulaNetwork(built.graph);
  const runner: Runner = { run: (inputs) => runNetwork(network, inputs) };
  return { built, runner, name };
}

async function partedPicture(): Promise<Picture> {
  const opened = await openPicture(file, { holdUpTo: 1000 });
  expect(isParted(opened)).toBe(true);
  return opened;
}

describe('a picture that is read in parts', () => {
  test.each<[string, object]>([
    ['resized', detector],
    ['resized otherwise', { ...detector, test_pipeline: [{ type: 'Resize', scale: [90, 70], interpolation: 'area' }] }],
    ['as it is', { ...detector, test_pipeline: [{ type: 'LoadImageFromFile' }] }],
  ])('a detector, %s: the same boxes', async (_, config) => {
    const opened = await openConfig(configOf(config));
    const { built, runner } = predictors(detector, 'detector');
    const parts = { model: built, runner, ...predictionParts(opened) };
    const predict = createPredictor(parts);
    const [expected] = await predict([picture]);
    const given = await partedPicture();
    if (!isParted(given)) throw new Error('held');
    expect(await createPartedPredictor(parts)(given, {}, 'p')).toEqual(expected);
    await given[Symbol.asyncDispose]();
    if (_ !== 'resized') return;
    const slices = { size: 100 };
    const whole = async (some: Picture) =>
      isParted(some) ? createPartedPredictor(parts)(some, {}, 'p') : first(await predict([some]));
    const sliced = { run: predict, whole, batchesAtOnce: 2 };
    const again = await partedPicture();
    const held = await predictSlices(picture, slices, sliced, {}, 'p');
    expect(held.detections.length).toBeGreaterThan(0);
    expect(await predictSlices(again, slices, sliced, {}, 'p')).toEqual(held);
    if (isParted(again)) await again[Symbol.asyncDispose]();
  });

  const windows = { mode: 'slide', crop_size: [48, 64], stride: [30, 40] };
  const asItIs = [{ type: 'LoadImageFromFile' }, { type: 'PackSegInputs' }];
  test.each<[string, object, object]>([
    ['windows as it is', windows, { test_pipeline: asItIs }],
    ['windows over what is resized', windows, {}],
    ['whole', { mode: 'whole' }, {}],
    ['whole as it is', { mode: 'whole' }, { test_pipeline: asItIs }],
  ])('a segmentor, %s: the same labels, at once and some rows at a time', async (_, test_cfg, change) => {
    const config = { ...segmentor, model: { ...segmentor.model, test_cfg }, ...change };
    const opened = await openConfig(configOf(config));
    const { built, runner } = predictors(config, 'segmentor');
    const parts = { model: built, runner, ...predictionParts(opened) };
    const expected = first(await createPredictor(parts)([picture]));
    const given = await partedPicture();
    if (!isParted(given)) throw new Error('held');
    const predict = createPartedPredictor(parts);
    expect(await predict(given, {}, 'p')).toEqual(expected);
    const bands: LabelRows[] = [];
    const streamed = await predict(given, { onLabels: (rows) => void bands.push(rows) }, 'p');
    await given[Symbol.asyncDispose]();
    if (expected.kind !== 'segmentation') throw new Error('no label map');
    expect(streamed).toEqual({ ...expected, labels: new Uint8Array(0) });
    expect(bands.every(({ picture: of, size }) => of === 'p' && size.width === 230 && size.height === 170)).toBe(true);
    expect(bands.map(({ rows }) => rows.start)).toEqual([0, ...bands.slice(0, -1).map(({ rows }) => rows.end)]);
    const joined = bands.flatMap(({ labels }) => [...labels]);
    expect(Uint8Array.from(joined)).toEqual(expected.labels);
  });
});

describe('what is refused', () => {
  test('options', async () => {
    const of = (slices: object) => model.predict(picture, { slices: slices as SliceOptions });
    await expect(of({ size: 3 })).rejects.toThrow(
      'options.slices.size: expected a number of at least 16 but received 3',
    );
    await expect(of({ size: 96, overlap: 1 })).rejects.toThrow('options.slices.overlap');
    await expect(of({ size: 96, merge: 'mean' })).rejects.toThrow('options.slices.merge');
    await expect(of({ size: 96, sides: 1 })).rejects.toThrow('sides');
    await expect(model.predict(picture, { onLabels: () => {} })).rejects.toThrow('onLabels: expected a segmentor');
    await expect(model.predict(picture, { maxPixels: 100 })).resolves.toBeDefined();
    await expect(model.predict(file, { maxPixels: 100 })).rejects.toThrow('expected at most 100 pixels');
  });

  test('a segmentor, and several looks', async () => {
    await writeModel(folder, 'segmentor', segmentor);
    const load = (options: object) =>
      loadSegmentor(join(folder, 'segmentor.json'), { checkpoint: join(folder, 'segmentor.safetensors'), ...options });
    await using one = await load({});
    await expect(one.predict(picture, { slices: { size: 96 } })).rejects.toThrow(
      /slices: expected a detector but received 'segmentation'. A segmentor goes over large pictures in windows by test_cfg.mode=slide/,
    );
    await using several = await load({ tta: true });
    await expect(several.predict(picture, { slices: { size: 96 } })).rejects.toThrow('with test-time augmentation');
  });
});

function first(results: readonly Result[]): Result {
  const [result] = results;
  if (result === undefined) throw new Error('no result');
  return result;
}

/** A config as the test's own, whatever its keys. */
function configOf(config: object): Parameters<typeof openConfig>[0] {
  return config as Parameters<typeof openConfig>[0];
}
