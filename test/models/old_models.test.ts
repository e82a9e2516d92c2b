/** A model of mmdet 2 or mmseg 0, from its config and a checkpoint to results: those of today's config. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadDetector, loadSegmentor } from '../../models/load_model.js';
import type { LoadOptions } from '../../models/options.js';
import { detector, drawPicture, segmentor, writeModel } from '../tools/tiny_models.js';

const folder = mkdtempSync(join(tmpdir(), 'lowformer-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function written<Config extends { readonly model: object }>(
  name: string,
  config: Config,
): Promise<readonly [string, LoadOptions]> {
  await writeModel(folder, name, config);
  return [join(folder, `${name}.json`), { checkpoint: join(folder, `${name}.safetensors`) }];
}

const load = { type: 'LoadImageFromFile' };
const { mean, std } = detector.model.data_preprocessor;
const normalize = { type: 'Normalize', mean, std, to_rgb: true };
const rest = [
  { type: 'ImageToTensor', keys: ['img'] },
  { type: 'Collect', keys: ['img'] },
];
/** `data.test` with the look or looks at a picture. */
const data = (looks: object, padding: readonly object[], classes: readonly string[]) => {
  const transforms = [{ type: 'Resize' }, { type: 'RandomFlip' }, normalize, ...padding, ...rest];
  const pipeline = [load, { type: 'MultiScaleFlipAug', flip: false, transforms, ...looks }];
  return { test: { type: 'CustomDataset', classes, pipeline } };
};
const pictures = [drawPicture(101, 75), drawPicture(64, 90, 90)];

function oldDetector(looks: object) {
  const { data_preprocessor: _, test_cfg, ...model } = detector.model;
  return { model, test_cfg, data: data(looks, [{ type: 'Pad', size_divisor: 32 }], detector.metainfo.classes) };
}

function oldSegmentor(looks: object) {
  const { data_preprocessor: _, test_cfg, ...model } = segmentor.model;
  return { model, test_cfg, data: data(looks, [], segmentor.metainfo.classes) };
}

const resize = (scale: readonly number[]) => ({ type: 'Resize', scale, keep_ratio: true });
const flips = (...directions: readonly string[]) =>
  directions.map((direction) =>
    direction === '' ? { type: 'RandomFlip', prob: 0 } : { type: 'RandomFlip', prob: 1, direction },
  );
const testTimeAug = (...transforms: unknown[]) => ({ tta_pipeline: [load, { type: 'TestTimeAug', transforms }] });

describe('the plain test', () => {
  test('of a detector', async () => {
    const [path, options] = await written('old det', oldDetector({ img_scale: [96, 64] }));
    const [today] = await written('new det', detector);
    const said: string[] = [];
    await using old = await loadDetector(path, { ...options, onMessage: (line) => said.push(line) });
    await using now = await loadDetector(today, options);
    const found = await old.predictBatch(pictures);
    expect(found.flatMap(({ detections }) => detections).length).toBeGreaterThan(0);
    const withoutIds = (results: typeof found) =>
      results.map(({ detections }) => detections.map(({ categoryId: _, ...detection }) => detection));
    expect(withoutIds(found)).toEqual(withoutIds(await now.predictBatch(pictures)));
    expect(said.filter((line) => line.includes('mmdet 2'))).toHaveLength(2);
  });

  test('of a segmentor', async () => {
    const [path, options] = await written('old seg', oldSegmentor({ img_scale: [[128, 48]] }));
    const [today] = await written('new seg', segmentor);
    await using old = await loadSegmentor(path, options);
    await using now = await loadSegmentor(today, options);
    for (const picture of pictures) expect(await old.predict(picture)).toEqual(await now.predict(picture));
  });
});

describe('several looks', () => {
  test('of a detector: as its test_cfg merges them', async () => {
    const looks = {
      img_scale: [
        [96, 64],
        [192, 128],
      ],
      flip: true,
    };
    const [path, options] = await written('old det looks', oldDetector(looks));
    const { nms, max_per_img } = detector.model.test_cfg;
    const [today] = await written('new det looks', {
      ...detector,
      ...testTimeAug([resize([96, 64]), resize([192, 128])], flips('', 'horizontal')),
      tta_model: { type: 'DetTTAModel', tta_cfg: { nms, max_per_img } },
    });
    const said: string[] = [];
    await using old = await loadDetector(path, { ...options, tta: true, onMessage: (line) => said.push(line) });
    await using now = await loadDetector(today, { ...options, tta: true });
    const corners = (results: Awaited<ReturnType<typeof now.predictBatch>>) =>
      results.map(({ detections }) => detections.map(({ box, score }) => [...box, score]));
    expect(corners(await old.predictBatch(pictures))).toEqual(corners(await now.predictBatch(pictures)));
    expect(said).toContain(
      'test-time augmentation: 4 looks at each picture (data.test.pipeline), whose boxes are merged as in mmdet 3: ' +
        'after each look has suppressed its own',
    );
  });

  test('of a segmentor: the picture as it is once for each direction', async () => {
    const looks = {
      img_scale: [128, 48],
      img_ratios: [0.5, 1.25],
      flip: true,
      flip_direction: ['horizontal', 'vertical'],
    };
    const [path, options] = await written('old seg looks', oldSegmentor(looks));
    const [today] = await written('new seg looks', {
      ...segmentor,
      ...testTimeAug([resize([64, 24]), resize([160, 60])], flips('', '', 'horizontal', 'vertical')),
    });
    await using old = await loadSegmentor(path, { ...options, tta: true });
    await using now = await loadSegmentor(today, { ...options, tta: true });
    for (const picture of pictures) expect(await old.predict(picture)).toEqual(await now.predict(picture));
  });

  test('are never taken for one, unasked', async () => {
    const [path, options] = await written('old det alone', oldDetector({ img_scale: [96, 64], flip: true }));
    await expect(loadDetector(path, options)).rejects.toThrow(
      'data.test.pipeline: expected one look at each picture, but several scales or a flip in MultiScaleFlipAug are ' +
        'test-time augmentation. Load the model with tta: true, or for the plain test keep one img_scale, no img_ratios',
    );
  });
});
