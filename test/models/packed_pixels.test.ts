import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadDetector, loadModel } from '../../models/load_model.js';
import { detector, drawPicture, writeModel } from '../tools/tiny_models.js';

const folder = mkdtempSync(join(tmpdir(), 'lowformer-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, 'detector.json');
const options = { checkpoint: join(folder, 'detector.safetensors') };
beforeAll(() => writeModel(folder, 'detector', detector));

test.each([{}, { topCandidates: true }])('packed pixels, and %o: the same boxes, to the bit', async (others) => {
  await using expected = await loadDetector(path, { ...options, denseBoxes: true });
  await using packed = await loadDetector(path, { ...options, passes: { packedPixels: true, ...others } });
  const pictures = [drawPicture(90, 70), drawPicture(64, 90, 90)];
  const found = await expected.predictBatch(pictures);
  expect(found.every(({ detections }) => detections.length > 0)).toBe(true);
  expect(await packed.predictBatch(pictures)).toEqual(found);
});

test('where the pipeline normalises it is refused', async () => {
  const steps = "[{'type':'Normalize','mean':[0,0,0],'std':[1,1,1],'to_rgb':true}]";
  const cfgOptions = [`test_pipeline=${steps}`];
  await expect(loadModel(path, { ...options, cfgOptions, passes: { packedPixels: true } })).rejects.toMatchObject({
    code: 'invalid-argument',
    message:
      "passes.packedPixels: expected a pipeline that leaves 8-bit pixels, which data_preprocessor normalises, but received 'Normalize'",
  });
});
