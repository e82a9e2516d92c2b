/** Pixels of polygons are pycocotools', run for run. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { compressRuns } from '../../geometry/mask_runs.js';
import { polygonRuns } from '../../geometry/polygon_runs.js';
import { ROOT } from '../workspace.js';

const number = z.number();
const cases = z
  .array(z.object({ width: number, height: number, ring: z.array(number), counts: z.string(), pixels: number }))
  .parse(JSON.parse(readFileSync(`${ROOT}test/fixtures/exchange/polygons.json`, 'utf8')));

test.each(cases)('polygon %$', ({ width, height, ring, counts, pixels }) => {
  const runs = polygonRuns(ring, { width, height });
  expect(compressRuns(runs)).toBe(counts);
  expect(runs.reduce((sum, run, i) => sum + (i % 2) * run, 0)).toBe(pixels);
});
