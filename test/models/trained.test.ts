/** Networks that mmdet and mmseg trained, on all pictures of the validation sets: what they predicted, predicted again. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Detection } from '../../core/results.js';
import { loadDetector, loadSegmentor } from '../../models/load_model.js';
import { needs } from '../needs.js';
import { parityFile } from '../parity_file.js';

const detector = {
  config: parityFile('trained/config.json'),
  checkpoint: parityFile('trained/bccd_retinanet.pth'),
  predictions: parityFile('trained/val_predictions.json'),
  images: parityFile('../datasets/bccd/images'),
  annotations: parityFile('../datasets/bccd/annotations/val.json'),
};
const segmentor = {
  config: parityFile('trained/camvid_config.json'),
  checkpoint: parityFile('trained/camvid_sem_fpn.pth'),
  predictions: parityFile('trained/camvid_val_predictions'),
  images: parityFile('../datasets/camvid/images/val'),
};
const there = (files: object) => needs('datasets', !Object.values(files).includes(undefined));

const predictionSchema = z.array(
  z.object({
    image_id: z.number(),
    category_id: z.number(),
    bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]),
    score: z.number(),
  }),
);
type Prediction = z.output<typeof predictionSchema>[number];

/** The same class, sides within 1 px, score within 0.02. */
function isSame({ bbox: [x, y, w, h], category_id, score }: Prediction, found: Detection): boolean {
  const sides = [x, y, x + w, y + h];
  return (
    found.categoryId === category_id &&
    Math.abs(found.score - score) <= 0.02 &&
    sides.every((side, i) => Math.abs(side - (found.box[i] ?? Number.NaN)) <= 1)
  );
}

describe('a RetinaNet trained by mmdet on blood cells', there(detector), () => {
  test('finds what mmdet finds in all validation pictures: 99 % of its detections over 0.3', async () => {
    const { images } = z
      .object({ images: z.array(z.object({ id: z.number(), file_name: z.string() })) })
      .parse(JSON.parse(readFileSync(detector.annotations ?? '', 'utf8')));
    const predictions = predictionSchema.parse(JSON.parse(readFileSync(detector.predictions ?? '', 'utf8')));
    await using model = await loadDetector(detector.config ?? '', { checkpoint: detector.checkpoint ?? '' });
    const paths = new Map(images.map(({ id, file_name }) => [join(detector.images ?? '', file_name), id]));
    let wanted = 0;
    let found = 0;
    let ours = 0;
    for await (const outcome of model.predictMany(paths.keys())) {
      if (!outcome.ok) throw outcome.error;
      const { detections } = outcome.result;
      ours += detections.length;
      for (const prediction of predictions.filter(
        ({ image_id, score }) => image_id === paths.get(outcome.source) && score > 0.3,
      )) {
        wanted++;
        if (detections.some((detection) => isSame(prediction, detection))) found++;
      }
    }
    console.info(
      `mmdet's ${wanted} detections over 0.3: ${found} found again; ${ours} of ours to its ${predictions.length} in all`,
    );
    expect(wanted).toBeGreaterThan(1000);
    expect(found / wanted).toBeGreaterThanOrEqual(0.99);
    expect(Math.abs(ours - predictions.length) / predictions.length).toBeLessThan(0.01);
  });
});

describe('a Semantic FPN trained by mmseg on street scenes', there(segmentor), () => {
  test('gives mmseg’s label maps in 99.99 % of the pixels of all validation pictures', async () => {
    await using model = await loadSegmentor(segmentor.config ?? '', { checkpoint: segmentor.checkpoint ?? '' });
    const names = readdirSync(segmentor.predictions ?? '').map((name) => name.replace(/\.png$/, ''));
    let pixels = 0;
    let differing = 0;
    const folder = segmentor.images ?? '';
    const files = new Map(readdirSync(folder).map((file) => [file.replace(/\.\w+$/, ''), join(folder, file)]));
    for await (const outcome of model.predictMany(names.map((name) => files.get(name) ?? ''))) {
      if (!outcome.ok) throw outcome.error;
      const expected = await sharp(join(segmentor.predictions ?? '', `${names[outcome.index]}.png`))
        .toColourspace('b-w')
        .raw()
        .toBuffer();
      const { labels } = outcome.result;
      expect(labels).toHaveLength(expected.length);
      pixels += labels.length;
      for (let i = 0; i < labels.length; i++) differing += labels[i] === expected[i] ? 0 : 1;
    }
    console.info(`${pixels} pixels of ${names.length} pictures: ${differing} differ`);
    expect(differing / pixels).toBeLessThanOrEqual(1e-4);
  });
});
