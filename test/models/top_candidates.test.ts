import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadDetector } from '../../models/load_model.js';
import { demoCells } from './demo_cells.js';

test('a trained detector that gives out its candidates finds what it finds by its maps', async () => {
  const expected = await demoCells({ denseBoxes: true });
  expect(expected.length).toBeGreaterThan(15);
  expect(await demoCells({ passes: { topCandidates: true } })).toEqual(expected);
});

test('where every score counts it is refused', async () => {
  const asset = (name: string) => fileURLToPath(new URL(`../../assets/${name}`, import.meta.url));
  const loading = loadDetector(asset('blood_cells.json'), {
    checkpoint: asset('blood_cells.safetensors'),
    cfgOptions: ['model.test_cfg.nms_pre=-1'],
    passes: { topCandidates: true },
  });
  await expect(loading).rejects.toMatchObject({
    code: 'invalid-argument',
    message: expect.stringContaining('passes.topCandidates: expected a detector of which test_cfg.nms_pre bounds'),
  });
});
