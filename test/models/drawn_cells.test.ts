/** The trained detector of assets/ on drawn pictures: what mmdet finds there with these weights, from a picture to boxes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { Detection } from '../../core/results.js';
import { drawDemoScene } from '../../drawing/demo_scene.js';
import { loadDetector } from '../../models/load_model.js';
import { ROOT } from '../workspace.js';

const side = z.number();
const schema = z.record(
  z.string(),
  z.array(z.object({ bbox: z.tuple([side, side, side, side]), score: z.number(), label: z.int() })),
);
type Reference = z.output<typeof schema>[string];
const reference = schema.parse(
  JSON.parse(readFileSync(join(ROOT, 'test/fixtures/detectors/blood_cells.json'), 'utf8')),
);

/** Of the reference's detections, those that are among ours: same class, 0.01 px, 1e-4. */
function foundAgain(expected: Reference, ours: readonly Detection[]): Reference {
  return expected.filter(({ bbox, score, label }) =>
    ours.some(
      (detection) =>
        detection.classIndex === label &&
        Math.abs(detection.score - score) < 1e-4 &&
        bbox.every((value, i) => Math.abs(value - (detection.box[i] ?? Number.NaN)) < 0.01),
    ),
  );
}

test.each([
  ['scene.png', () => drawDemoScene(6).image, 20],
  ['cells.jpg', () => join(ROOT, 'assets/blood_cells.jpg'), 15],
] as const)('finds in %s what mmdet finds', async (name, picture, certain) => {
  await using model = await loadDetector(join(ROOT, 'assets/blood_cells.json'), {
    checkpoint: join(ROOT, 'assets/blood_cells.safetensors'),
  });
  const { detections } = await model.predict(picture());
  // Those nearer to the config's threshold of 0.05 may fall on the other side of it.
  const expected = (reference[name] ?? []).filter(({ score }) => score > 0.051);
  expect(expected.filter(({ score }) => score > 0.3).length).toBeGreaterThanOrEqual(certain);
  expect(foundAgain(expected, detections)).toEqual(expected);
  expect(detections.filter(({ score }) => score > 0.051)).toHaveLength(expected.length);
});
