import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { measureStep } from '../../../training/from_pictures/measured_step.js';
import { detector, segmentor } from '../../tools/tiny_models.js';

test.each(Object.entries({ detector, segmentor }))('seconds of a step of a %s', async (_, config) => {
  const folder = mkdtempSync(join(tmpdir(), 'lowformer-step-'));
  const file = join(folder, 'config.json');
  writeFileSync(file, JSON.stringify(config));
  const engine = { engine: 'onnxruntime', device: 'cpu', threads: 1 } as const;
  const seconds = await measureStep(file, { pictures: 2, width: 32, height: 64 }, engine);
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThan(60);
  rmSync(folder, { recursive: true });
});
