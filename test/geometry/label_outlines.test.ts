import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { labelOutlines, type Ring, ringWithCuts } from '../../geometry/label_outlines.js';
import { compressRuns, runsByLabel } from '../../geometry/mask_runs.js';
import { ROOT } from '../workspace.js';

const fixture = z.array(
  z.object({
    width: z.int(),
    height: z.int(),
    labels: z.array(z.int()).transform((labels) => Uint8Array.from(labels)),
    runs: z.record(z.string(), z.string()),
  }),
);
/** By test/fixtures/exchange/make_runs.py, of pycocotools. */
const maps = fixture.parse(JSON.parse(readFileSync(`${ROOT}test/fixtures/exchange/runs.json`, 'utf8')));

/** Of each pixel, whether its centre is inside of the rings taken together, by crossings of a ray: a naive loop. */
function filled(rings: readonly Ring[], width: number, height: number): Uint8Array {
  const inside = new Uint8Array(width * height);
  const edges = (from: 0 | 1, most: number) => {
    const all = rings.flatMap((ring) => ring.filter((_, i) => i % 2 === from));
    return [Math.max(0, Math.min(...all)), Math.min(most, Math.max(...all))] as const;
  };
  const [[left, right], [top, bottom]] = [edges(0, width), edges(1, height)];
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      let crossings = 0;
      for (const ring of rings) {
        for (let i = 0; i < ring.length; i += 2) {
          const [x1 = 0, y1 = 0] = [ring[i], ring[i + 1]];
          const [x2 = 0, y2 = 0] = [ring[(i + 2) % ring.length], ring[(i + 3) % ring.length]];
          if (y1 > y + 0.5 === y2 > y + 0.5) continue;
          if (x1 + ((y + 0.5 - y1) / (y2 - y1)) * (x2 - x1) > x + 0.5) crossings++;
        }
      }
      inside[y * width + x] = crossings % 2;
    }
  }
  return inside;
}

describe.each(maps.map((map) => [`${map.width}x${map.height}`, map] as const))('a label map of %s', (_, map) => {
  const { width, height, labels, runs } = map;

  test('has the runs of pycocotools, to the character', () => {
    const own = [...runsByLabel(map)].map(([label, counts]) => [String(label), compressRuns(counts)]);
    expect(Object.fromEntries(own)).toEqual(runs);
  });

  test('outlines are the map again when they are filled, with holes and with cuts in their place', () => {
    const outlines = labelOutlines(map);
    for (const ringsOf of [
      ({ outer, holes }: (typeof outlines)[number]) => [outer, ...holes],
      (outline: (typeof outlines)[number]) => [ringWithCuts(outline)],
    ]) {
      const again = new Uint8Array(labels.length).fill(255);
      for (const outline of outlines) {
        const inside = filled(ringsOf(outline), width, height);
        expect(inside.reduce((sum, one) => sum + one, 0)).toBe(outline.pixels);
        for (let i = 0; i < again.length; i++) if (inside[i] === 1) again[i] = outline.label;
      }
      expect(again).toEqual(labels);
    }
  });

  test('every corner is one, and regions are apart', () => {
    const outlines = labelOutlines(map);
    expect(outlines.reduce((sum, { pixels }) => sum + pixels, 0)).toBe(width * height);
    for (const ring of outlines.flatMap(({ outer, holes }) => [outer, ...holes])) {
      for (let i = 0; i < ring.length; i += 2) {
        const [x1, y1, x2, y2] = [ring[i], ring[i + 1], ring[(i + 2) % ring.length], ring[(i + 3) % ring.length]];
        expect(Number(x1 === x2) + Number(y1 === y2)).toBe(1);
      }
    }
  });
});

test('a ring within a ring: hand-drawn', () => {
  const labels = Uint8Array.from([1, 1, 1, 1, 0, 1, 1, 1, 1]);
  expect(labelOutlines({ width: 3, height: 3, labels })).toEqual([
    { label: 1, outer: [3, 0, 3, 3, 0, 3, 0, 0], holes: [[2, 2, 2, 1, 1, 1, 1, 2]], pixels: 8 },
    { label: 0, outer: [2, 1, 2, 2, 1, 2, 1, 1], holes: [], pixels: 1 },
  ]);
});
