import { describe, expect, it } from 'vitest';
import { type DemoCellKind, type DemoScene, drawDemoScene } from '../../drawing/demo_scene.js';

const SEEDS = [1, 2, 3, 4, 5, 6];

function mean({ image }: DemoScene, x: number, y: number, reach = 3): readonly number[] {
  const sum = [0, 0, 0];
  let count = 0;
  for (let row = Math.max(0, y - reach); row < Math.min(image.height, y + reach); row++) {
    for (let column = Math.max(0, x - reach); column < Math.min(image.width, x + reach); column++, count++) {
      for (const channel of [0, 1, 2])
        sum[channel] = (sum[channel] ?? 0) + (image.data[(row * image.width + column) * 3 + channel] ?? 0);
    }
  }
  return sum.map((value) => value / count);
}

const centre = ([x1, y1, x2, y2]: readonly number[]) =>
  [Math.round(((x1 ?? 0) + (x2 ?? 0)) / 2), Math.round(((y1 ?? 0) + (y2 ?? 0)) / 2)] as const;

describe('the demo scene', () => {
  it('is the same for the same seed, and another for another', () => {
    const bytes = (seed?: number) => Buffer.from(drawDemoScene(seed).image.data);
    expect(bytes(4).equals(bytes(4))).toBe(true);
    expect(drawDemoScene(4).cells).toEqual(drawDemoScene(4).cells);
    expect(bytes(4).equals(bytes(5))).toBe(false);
    expect(bytes().equals(bytes(6))).toBe(true);
  });

  it.each(SEEDS)('holds cells of every kind, of their usual sizes (seed %i)', (seed) => {
    const { image, cells } = drawDemoScene(seed);
    expect([image.width, image.height, image.data.length]).toEqual([640, 480, 640 * 480 * 3]);
    const count = (kind: DemoCellKind) => cells.filter((cell) => cell.kind === kind).length;
    expect(count('WBC')).toBeGreaterThanOrEqual(1);
    expect(count('WBC')).toBeLessThanOrEqual(2);
    expect(count('RBC')).toBeGreaterThanOrEqual(10);
    expect(count('Platelets')).toBeGreaterThanOrEqual(4);
    const sides = { RBC: [40, 125], WBC: [150, 220], Platelets: [28, 55] } as const;
    for (const { kind, box } of cells) {
      const [x1, y1, x2, y2] = box;
      expect(x1 >= 0 && y1 >= 0 && x2 <= 640 && y2 <= 480).toBe(true);
      for (const side of [x2 - x1, y2 - y1]) {
        expect(side).toBeGreaterThan(sides[kind][0]);
        expect(side).toBeLessThan(sides[kind][1]);
      }
    }
  });

  it.each(SEEDS)('has the colours of a stained smear (seed %i)', (seed) => {
    const scene = drawDemoScene(seed);
    for (const { kind, box } of scene.cells) {
      const [r = 0, g = 0, b = 0] = mean(scene, ...centre(box), kind === 'WBC' ? 60 : 6);
      if (kind === 'RBC') expect(r - b).toBeGreaterThan(5);
      else expect(b - g).toBeGreaterThan(30);
    }
  });

  it('draws red cells lighter in the middle, on a pale ground', () => {
    const scene = drawDemoScene();
    const whole = scene.cells.filter(
      ({ kind, box: [x1, y1, x2, y2] }) => kind === 'RBC' && x1 > 0 && y1 > 0 && x2 < 640 && y2 < 480,
    );
    expect(whole.length).toBeGreaterThan(3);
    for (const { box } of whole) {
      const [x, y] = centre(box);
      const [, middle = 0] = mean(scene, x, y);
      const [, ring = 0] = mean(scene, Math.round(box[0] + 0.15 * (box[2] - box[0])), y);
      const [, outside = 0] = mean(scene, Math.round(box[0]) - 5, y);
      expect(middle).toBeGreaterThan(ring + 10);
      expect(outside).toBeGreaterThan(ring + 30);
    }
  });
});
