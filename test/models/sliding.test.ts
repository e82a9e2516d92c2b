/** Windows that slide over pictures, from a config and a checkpoint to label maps. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadSegmentor } from '../../models/load_model.js';
import { buildModel } from '../../tasks/build_model.js';
import { seenSize, usualInputSize } from '../../tasks/input_size.js';
import type { StageTiming } from '../../tasks/predictor.js';
import { drawPicture, onMultiplesOf32, segmentor, writeModel } from '../tools/tiny_models.js';

const folder = mkdtempSync(join(tmpdir(), 'lowformer-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Config {
  readonly model: object;
}

async function labelsOf(name: string, config: Config, test_cfg: object) {
  const path = join(folder, `${name}.json`);
  await writeModel(folder, name, { ...config, model: { ...config.model, test_cfg } });
  await using model = await loadSegmentor(path, { checkpoint: join(folder, `${name}.safetensors`) });
  const pictures = [drawPicture(101, 75), drawPicture(40, 90, 90), drawPicture(101, 75, 120)];
  const timings: StageTiming[] = [];
  const results = await model.predictBatch(pictures, { onTiming: (timing) => timings.push(timing) });
  for (const [i, picture] of pictures.entries()) expect(await model.predict(picture)).toEqual(results[i]);
  expect(timings.reduce((sum, { pictures: count }) => sum + count, 0)).toBe(pictures.length);
  for (const timing of timings) expect(Math.min(timing.prepare, timing.network, timing.decode)).toBeGreaterThan(0);
  return results.map(({ labels }) => labels);
}

describe.each([
  ['any size', segmentor],
  ['multiples of 32', onMultiplesOf32(segmentor)],
])('a network of %s', (name, config) => {
  test('a window as large as the pictures gives what whole pictures give', async () => {
    const whole = await labelsOf(`${name} whole`, config, { mode: 'whole' });
    const window = { mode: 'slide', crop_size: [512, 512], stride: [341, 341] };
    expect(await labelsOf(`${name} slide`, config, window)).toEqual(whole);
  });

  test('smaller windows give other labels', async () => {
    const whole = await labelsOf(`${name} whole`, config, { mode: 'whole' });
    const parts = await labelsOf(`${name} parts`, config, { mode: 'slide', crop_size: [40, 30], stride: [25, 20] });
    for (const [i, labels] of parts.entries()) {
      const share = labels.filter((label, at) => label === whole[i]?.[at]).length / labels.length;
      expect(share).toBeLessThan(1);
    }
  });
});

test('what is measured and described is the network that a window goes through', () => {
  const config = onMultiplesOf32(segmentor).model;
  const test_cfg = { mode: 'slide', crop_size: [40, 70], stride: [40, 70] };
  const model = buildModel({ ...config, test_cfg });
  expect(usualInputSize(model)).toEqual({ height: 64, width: 96 });
  expect(seenSize(model, { height: 20, width: 200 })).toEqual({ height: 32, width: 96 });
  expect(usualInputSize(buildModel(config))).toEqual({ height: 512, width: 512 });
});
