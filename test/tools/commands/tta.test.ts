/** `--tta` of the commands that run a model over pictures. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readLabelMap } from '../../../data/label_map.js';
import { loadDetector, loadSegmentor } from '../../../models/load_model.js';
import { folderIn, lowformer, temporaryFolder } from '../command_line.js';
import {
  classifier,
  detector,
  drawPicture,
  expectMistake,
  segmentor,
  writeModel,
  writePicture,
} from '../tiny_models.js';

const cwd = temporaryFolder();
const tta_pipeline = [
  { type: 'LoadImageFromFile' },
  {
    type: 'TestTimeAug',
    transforms: [
      [0.5, 1].map((scale_factor) => ({ type: 'Resize', scale_factor, keep_ratio: true })),
      [0, 1].map((prob) => ({ type: 'RandomFlip', prob })),
    ],
  },
];
const SAID = 'test-time augmentation: 4 looks at each picture (tta_pipeline)';

beforeAll(async () => {
  const looking = <Config extends { readonly model: object }>(config: Config) => ({ ...config, tta_pipeline });
  await writeModel(cwd, 'det', looking(detector));
  await writeModel(cwd, 'seg', looking(segmentor));
  await writeModel(cwd, 'cls', classifier);
  await writePicture(join(folderIn(cwd, 'images'), 'a.png'), drawPicture(120, 80));
  const categories = [7, 3, 12].map((id, i) => ({ id, name: detector.metainfo.classes[i] }));
  const images = [{ id: 1, file_name: 'a.png', width: 120, height: 80 }];
  writeFileSync(join(cwd, 'gt.json'), JSON.stringify({ images, categories, annotations: [] }));
});
const weights = (name: string) => [`${name}.json`, '--checkpoint', `${name}.safetensors`];
const options = (name: string) => ({ checkpoint: join(cwd, `${name}.safetensors`), tta: true });

describe.concurrent('--tta', () => {
  test('of segment', async () => {
    const { code, stderr } = await lowformer(['segment', ...weights('seg'), '--tta', 'images', '--out', 'maps'], {
      cwd,
    });
    expect(code, stderr).toBe(0);
    expect(stderr).toContain(SAID);
    const written = await readLabelMap(join(cwd, 'maps', 'a.png'));
    await using library = await loadSegmentor(join(cwd, 'seg.json'), options('seg'));
    const { labels } = await library.predict(join(cwd, 'images', 'a.png'));
    expect([...written.labels]).toEqual([...labels]);
  });

  test('of evaluate', async () => {
    const run = ['--images', 'images', '--annotations', 'gt.json', '--predictions', 'found.json'];
    const { code, stderr } = await lowformer(['evaluate', ...weights('det'), '--tta', ...run], { cwd });
    expect(code, stderr).toBe(0);
    expect(stderr).toContain(SAID);
    const found = z
      .array(z.object({ score: z.number() }))
      .parse(JSON.parse(readFileSync(join(cwd, 'found.json'), 'utf8')));
    await using library = await loadDetector(join(cwd, 'det.json'), options('det'));
    const { detections } = await library.predict(join(cwd, 'images', 'a.png'));
    expect(found.map(({ score }) => score)).toEqual(detections.map(({ score }) => score));
  });

  test('is not there for classifiers', async () => {
    const run = ['--images', 'images', '--tta'];
    const evaluated = await lowformer(['evaluate', ...weights('cls'), ...run], { cwd });
    expect(expectMistake(evaluated)).toContain('tta: expected a config for detection');
    const classified = await lowformer(['classify', ...weights('cls'), '--tta', 'images'], { cwd });
    expect(expectMistake(classified)).toContain("'--tta'");
  });
});
