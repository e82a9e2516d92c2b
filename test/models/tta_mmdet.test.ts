/** Test-time augmentation of a detector from file to boxes: held to mmdet 3.3 on the same picture and weights. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { loadDetector } from '../../models/load_model.js';
import { imagePath } from '../images/formula_picture.js';
import { writeModel } from '../tools/tiny_models.js';

const folder = mkdtempSync(join(tmpdir(), 'lowformer-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const { config, ...expected } = z
  .object({
    config: z.looseObject({ model: z.looseObject({}) }),
    boxes: z.array(z.array(z.number())),
    scores: z.array(z.number()),
    labels: z.array(z.number()),
  })
  .parse(JSON.parse(readFileSync(new URL('../fixtures/detectors/tta_detection.json', import.meta.url), 'utf8')));

test('two scales, four flips, DetTTAModel', async () => {
  await writeModel(folder, 'det', config);
  const checkpoint = join(folder, 'det.safetensors');
  await using model = await loadDetector(join(folder, 'det.json'), { checkpoint, tta: true });
  const { detections } = await model.predict(imagePath('photo.png'));
  expect(detections.map(({ classIndex }) => Number(classIndex))).toEqual(expected.labels);
  let [pixels, scores] = [0, 0];
  for (const [i, { box, score }] of detections.entries()) {
    for (const [side, value] of box.entries()) {
      pixels = Math.max(pixels, Math.abs(value - (expected.boxes[i]?.[side] ?? Number.NaN)));
    }
    scores = Math.max(scores, Math.abs(score - (expected.scores[i] ?? Number.NaN)));
  }
  console.info(
    `${detections.length} boxes within ${pixels.toExponential(1)} px, scores within ${scores.toExponential(1)}`,
  );
  expect(pixels).toBeLessThan(0.01);
  expect(scores).toBeLessThan(1e-5);
});
