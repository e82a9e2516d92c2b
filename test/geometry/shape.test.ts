import { describe, expect, test } from 'vitest';
import { labelOutlines, type Ring, ringWithBridges, ringWithCuts } from '../../geometry/label_outlines.js';
import { paintRuns, runsByLabel } from '../../geometry/mask_runs.js';
import { polygonRuns } from '../../geometry/polygon_runs.js';
import { type Shape, shapeArea, shapeBox, shapePolygons, shapeRuns } from '../../geometry/shape.js';

/** `#` is covered. */
const drawn = (...rows: readonly string[]) => {
  const labels = Uint8Array.from(rows.join(''), (letter) => Number(letter === '#'));
  return { width: rows[0]?.length ?? 0, height: rows.length, labels };
};
const rings = drawn(
  '..........',
  '.#######..',
  '.#.....#..',
  '.#.###.#.#',
  '.#.#.#.#..',
  '.#.###.#..',
  '.#.....#..',
  '.#######..',
);
const runsOf = (map: typeof rings): Shape => ({ kind: 'runs', runs: runsByLabel(map).get(1) ?? [], size: map });
const painted = (shape: Shape, size = rings) => {
  const labels = new Uint8Array(size.width * size.height);
  paintRuns(labels, shapeRuns(shape, size), 1, size);
  return labels;
};
const square = (x: number, y: number, side: number): Ring => [x, y, x + side, y, x + side, y + side, x, y + side];

describe('a mask with holes and islands', () => {
  const polygons = shapePolygons(runsOf(rings));
  test('has outlines that are the mask again', () => {
    expect(polygons.map(({ holes }) => holes.length)).toEqual([1, 1, 0]);
    expect(painted({ kind: 'polygons', polygons })).toEqual(rings.labels);
    expect(painted(runsOf(rings))).toEqual(rings.labels);
  });
  test('is one ring, too, over cuts and bridges without area', () => {
    const ring = ringWithBridges(polygons.map(ringWithCuts));
    expect(painted({ kind: 'polygons', polygons: [{ outer: ring, holes: [] }] })).toEqual(rings.labels);
  });
  test('has the area of its pixels and the box around them', () => {
    const pixels = rings.labels.filter((label) => label === 1).length;
    for (const shape of [runsOf(rings), { kind: 'polygons', polygons } as const]) {
      expect(shapeArea(shape)).toBe(pixels);
      expect(shapeBox(shape)).toEqual([1, 1, 9, 7]);
    }
  });
});

test('the box of a run over the end of a column is the whole height', () => {
  expect(shapeBox(runsOf(drawn('..#', '.#.')))).toEqual([1, 0, 2, 2]);
  expect(shapeBox(runsOf(drawn('...', '...')))).toBeUndefined();
  expect(shapeBox({ kind: 'polygons', polygons: [] })).toBeUndefined();
});

test('a hole of sloped edges is reached over a cut that leaves the pixels as they are', () => {
  const size = { width: 40, height: 40, labels: new Uint8Array(1600) };
  const outer = [20, 1.3, 38.2, 20, 20, 38.7, 1.5, 20];
  const hole = [20, 12.1, 27.7, 20, 20, 27.2, 12.4, 20.4];
  const cut = { kind: 'polygons', polygons: [{ outer: ringWithCuts({ outer, holes: [hole] }), holes: [] }] } as const;
  const whole = painted({ kind: 'polygons', polygons: [{ outer, holes: [hole] }] }, size);
  expect(painted(cut, size)).toEqual(whole);
  const inner = painted({ kind: 'polygons', polygons: [{ outer: hole, holes: [] }] }, size);
  expect(inner.reduce((sum, one) => sum + one)).toBeGreaterThan(100);
  expect(whole.some((one, i) => one === 1 && inner[i] === 1)).toBe(false);
});

test('a polygon in the hole of another one stays', () => {
  const parts = [
    { outer: square(3, 3, 2), holes: [] },
    { outer: square(0, 0, 8), holes: [square(2, 2, 4)] },
  ];
  const size = { width: 8, height: 8, labels: new Uint8Array(64) };
  expect(painted({ kind: 'polygons', polygons: parts }, size).reduce((sum, one) => sum + one)).toBe(64 - 16 + 4);
});

test('outlines of a ring along pixels cover its pixels', () => {
  const [outline] = labelOutlines(drawn('##', '##'));
  expect(polygonRuns(outline?.outer ?? [], { width: 4, height: 3 })).toEqual([0, 2, 1, 2, 7]);
});
