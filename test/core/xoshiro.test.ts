import { describe, expect, test } from 'vitest';
import { xoshiro, xoshiroFrom } from '../../core/xoshiro.js';

const draw = (from: ReturnType<typeof xoshiro>, count: number) => Array.from({ length: count }, () => from.real());

describe('xoshiro128**', () => {
  test("gives its authors' words: those of the Rust crate's test vector", () => {
    const words = [11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804];
    const random = xoshiroFrom([1, 2, 3, 4]);
    for (let i = 0; i < words.length; i += 2) {
      const [first = 0, second = 0] = words.slice(i, i + 2);
      expect(random.real()).toBe(((first >>> 5) * 2 ** 26 + (second >>> 6)) / 2 ** 53);
    }
  });

  test('goes on from a state that was kept, as JSON too', () => {
    const random = xoshiro(7, 3);
    draw(random, 13);
    const state = JSON.parse(JSON.stringify(random.state()));
    const rest = draw(random, 20);
    expect(draw(xoshiroFrom(state), 20)).toEqual(rest);
  });

  test('is another sequence for each list of numbers, near ones and large ones among them', () => {
    const seeds = [[], [0], [1], [0, 0], [0, 1], [1, 0], [2 ** 32], [2 ** 53 - 1], [5, 2 ** 40], [5, 2 ** 40 + 1]];
    expect(new Set(seeds.map((list) => xoshiro(...list).real())).size).toBe(seeds.length);
  });

  test('is even: means and integers', () => {
    const random = xoshiro(1);
    const values = draw(random, 20000);
    expect(values.reduce((sum, value) => sum + value) / values.length).toBeCloseTo(0.5, 2);
    const counts = new Int32Array(5);
    for (let i = 0; i < 20000; i++) {
      const at = random.integer(-2, 3) + 2;
      counts[at] = (counts[at] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 4000)).toBeLessThan(250);
    for (let i = 0; i < 1000; i++) expect(random.uniform(2, 3)).toBeGreaterThanOrEqual(2);
  });

  test('refuses four zeros', () => {
    expect(() => xoshiroFrom([0, 0, 0, 0])).toThrow('xoshiroFrom: expected four 32-bit integers');
  });
});
