/** `supervision`'s PolygonZone on recorded tracks, and what it leaves open. */
import { describe, expect, it, test } from 'vitest';
import { LowformerError } from '../../core/errors.js';
import type { PixelPoint } from '../../geometry/polygon_mask.js';
import { createZoneCounter } from '../../tracking/zone_counter.js';
import { frames, recorded } from './recorded_counts.js';

describe("supervision's PolygonZone, frame by frame", () => {
  it.each(Object.entries(recorded.zones))('%s', (_, { polygon, inside }) => {
    const counter = createZoneCounter(polygon);
    const all = new Set<number>();
    frames.forEach((rows, frame) => {
      const found = counter.update(rows).map((place) => rows[place]?.trackId);
      expect(found).toEqual(inside[frame]);
      expect(counter.inside).toBe(found.length);
      for (const id of inside[frame] ?? []) all.add(id);
      expect(counter.tracks).toBe(all.size);
    });
    const sum = (counts: ReadonlyMap<number | undefined, number>) => [...counts.values()].reduce((a, b) => a + b, 0);
    expect(sum(counter.tracksByClass)).toBe(all.size);
  });

  it.each(Object.entries(recorded.zones))('whichever corner is named first: %s', (_, { polygon }) => {
    const turned = [...polygon.slice(2), ...polygon.slice(0, 2)].reverse();
    const [one, other] = [createZoneCounter(polygon), createZoneCounter(turned)];
    for (const rows of frames) expect(other.update(rows)).toEqual(one.update(rows));
  });
});

const ZONE: readonly PixelPoint[] = [
  [10, 10],
  [50, 10],
  [50, 40],
  [10, 40],
];
const standing = (y: number, trackId = 1, classIndex?: number) =>
  ({ trackId, classIndex, box: [20, y - 30, 30, y] }) as const;

test('the middle of the lower edge counts, halves to the even pixel', () => {
  const counter = createZoneCounter(ZONE);
  const inside = [9.5, 9.4, 10, 40, 40.5, 40.6].map((y) => counter.update([standing(y)]).length);
  expect(inside).toEqual([1, 0, 1, 1, 1, 0]);
});

test('inside is of the last frame; a track counts once, with its first class', () => {
  const counter = createZoneCounter(ZONE);
  counter.update([standing(20, 1, 0), standing(30, 2, 1), standing(70, 3, 1)]);
  expect([counter.inside, counter.tracks, [...counter.insideByClass]]).toEqual([
    2,
    2,
    [
      [0, 1],
      [1, 1],
    ],
  ]);
  counter.update([standing(20, 1, 1)]);
  expect([counter.inside, counter.tracks, [...counter.insideByClass]]).toEqual([1, 2, [[1, 1]]]);
  counter.update([]);
  expect([counter.inside, counter.tracks, [...counter.tracksByClass]]).toEqual([
    0,
    2,
    [
      [0, 1],
      [1, 1],
    ],
  ]);
  counter.reset();
  expect([counter.inside, counter.tracks, counter.tracksByClass.size]).toEqual([0, 0, 0]);
});

test('refuses what is no polygon, and no track', () => {
  expect(() => createZoneCounter(ZONE.slice(2))).toThrow(LowformerError);
  const twice = () => createZoneCounter(ZONE).update([standing(20), standing(30)]);
  expect(twice).toThrow(/createZoneCounter\.update\[1\]\.trackId: expected each once in a frame/);
});
