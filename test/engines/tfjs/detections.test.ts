/** The trained model that ships with the package, on a photograph: the same boxes from both engines. */
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadDetector } from '../../../models/load_model.js';

const at = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

async function detect(engine: string) {
  const checkpoint = at('assets/blood_cells.safetensors');
  await using model = await loadDetector(at('assets/blood_cells.json'), { checkpoint, engine });
  return (await model.predict(at('assets/blood_cells.jpg'))).detections;
}

test('boxes within 0.01 pixels, scores within 0.0001, in the same order', async () => {
  const [reference, detections] = [await detect('onnxruntime'), await detect('tfjs')];
  expect(reference.length).toBeGreaterThan(5);
  expect(detections).toHaveLength(reference.length);
  for (const [i, expected] of reference.entries()) {
    const { box = [], score, category } = detections[i] ?? {};
    expect(category).toBe(expected.category);
    expect(Math.abs((score ?? 0) - expected.score)).toBeLessThan(1e-4);
    for (const [side, value] of expected.box.entries()) {
      expect(Math.abs((box[side] ?? Number.NaN) - value)).toBeLessThan(0.01);
    }
  }
});
