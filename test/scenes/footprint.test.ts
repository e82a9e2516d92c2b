import { describe, expect, test } from 'vitest';
import { CLUTTER } from '../../scenes/clutter.js';
import { createDice } from '../../scenes/dice.js';
import { footprintOf, withinPicture } from '../../scenes/footprint.js';
import { createNoise } from '../../scenes/noise.js';
import { somePlacement, toLocal } from '../../scenes/placement.js';
import { resetSurface, type Surface } from '../../scenes/shape.js';
import { SCENE_CLASSES, SHAPES } from '../../scenes/shapes/index.js';

const FREEDOM = { bend: 1, stretch: 1, upright: 0.2 };
const all = [
  ...SCENE_CLASSES.map((name) => ({ name: name as string, make: SHAPES[name] })),
  ...CLUTTER.map((make, i) => ({ name: `clutter ${i}`, make })),
];

describe.each(all)('$name', ({ make }) => {
  const dice = createDice(3);
  const noise = createNoise(dice);

  test('lies within its reach, and covers the same pixels as if each were looked at', () => {
    let [wrong, inside] = [0, 0];
    for (let round = 0; round < 12; round++) {
      const shape = make(dice, noise);
      const placement = somePlacement(150, 150, dice.between(4, 70), FREEDOM, dice);
      const { left, top, width, height, distances } = footprintOf(shape, placement, dice.between(1, 20));
      const local = { u: 0, v: 0 };
      for (let y = 0; y < 300; y++) {
        for (let x = 0; x < 300; x++) {
          toLocal(placement, x + 0.5, y + 0.5, local);
          const exactly = shape.distance(local) <= 0;
          const there = x >= left && x < left + width && y >= top && y < top + height;
          const told = there && (distances[(y - top) * width + x - left] ?? 1) <= 0;
          inside += exactly ? 1 : 0;
          wrong += exactly === told ? 0 : 1;
        }
      }
    }
    expect(inside).toBeGreaterThan(500);
    expect(wrong).toBe(0);
  });

  test('describes its surface by finite numbers', () => {
    const surface: Surface = { nx: 0, ny: 0, nz: 0, trim: 0, paper: 0, shade: 0, pu: 0, pv: 0 };
    for (let round = 0; round < 20; round++) {
      const shape = make(dice, noise);
      for (let i = 0; i < 400; i++) {
        const place = { u: dice.between(-1.1, 1.1), v: dice.between(-1.1, 1.1) };
        if (shape.distance(place) > 0) continue;
        resetSurface(surface, place);
        shape.shade(place, surface);
        expect(Object.values(surface).every(Number.isFinite), JSON.stringify({ place, surface })).toBe(true);
        expect(Math.hypot(surface.nx, surface.ny, surface.nz)).toBeGreaterThan(0.01);
        expect([surface.trim, surface.paper].every((share) => share >= 0 && share <= 1.001)).toBe(true);
      }
    }
  });
});

test('what of a footprint lies in the picture', () => {
  const footprint = { left: -3, top: 6, width: 8, height: 8, distances: new Float32Array(64) };
  expect(withinPicture(footprint, { width: 10, height: 10 })).toEqual({
    firstRow: 0,
    endRow: 4,
    firstColumn: 3,
    endColumn: 8,
  });
  expect(withinPicture(footprint, { width: 10, height: 10 }, 6, -8)).toEqual({
    firstRow: 2,
    endRow: 8,
    firstColumn: 0,
    endColumn: 7,
  });
});
