/** `supervision`'s LineZone on recorded tracks, and what holds of any line. */
import { describe, expect, it, test } from 'vitest';
import { LowformerError } from '../../core/errors.js';
import type { Box } from '../../core/results.js';
import type { CountableTrack } from '../../tracking/counted_tracks.js';
import { type CountedLine, createLineCounter, type LineCounterOptions } from '../../tracking/line_counter.js';
import { frames, recorded } from './recorded_counts.js';

/** Every frame in which something crossed, as the fixture has it. */
function eventsOf(line: CountedLine, options: LineCounterOptions, tracks = frames) {
  const counter = createLineCounter(line, options);
  const events: unknown[] = [];
  tracks.forEach((rows, frame) => {
    const crossed = counter.update(rows);
    const idsOf = (places: readonly number[]) => places.map((place) => rows[place]?.trackId);
    if (crossed.in.length + crossed.out.length > 0) {
      events.push([frame, idsOf(crossed.in), idsOf(crossed.out), counter.in, counter.out]);
    }
  });
  return { events, counter };
}

const between = (x1: number, y1: number, x2: number, y2: number): CountedLine => ({ start: [x1, y1], end: [x2, y2] });

describe("supervision's LineZone, frame by frame", () => {
  it.each(Object.entries(recorded.lines))('%s', (_, { line, threshold, events, in_by_class, out_by_class }) => {
    const ours = eventsOf(between(...line), { minimum_crossing_threshold: threshold });
    expect(ours.events).toEqual(events);
    expect([...ours.counter.inByClass].sort()).toEqual(in_by_class);
    expect([...ours.counter.outByClass].sort()).toEqual(out_by_class);
  });
});

describe('of any line', () => {
  /** No corner lies on a line or on a perpendicular: recorded boxes are in halves of a pixel. */
  const lines = [
    [20.137, 61.271, 290.413, 130.719],
    [150.193, 20.917, 170.371, 190.137],
    [0.121, 99.877, 319.713, 100.291],
  ] as const;

  it.each(lines)('the line the other way round swaps in and out: %f,%f %f,%f', (x1, y1, x2, y2) => {
    const there = eventsOf(between(x1, y1, x2, y2), {}).events;
    const back = eventsOf(between(x2, y2, x1, y1), {}).events;
    expect(there.length).toBeGreaterThan(5);
    expect(back).toEqual(
      there.map((event) => (Array.isArray(event) ? [event[0], event[2], event[1], event[4], event[3]] : [])),
    );
  });

  it.each(lines)('counts by class add up, and the order of tracks says nothing: %f,%f %f,%f', (...line) => {
    const { counter } = eventsOf(between(...line), {});
    const sum = (counts: ReadonlyMap<number | undefined, number>) => [...counts.values()].reduce((a, b) => a + b, 0);
    expect([sum(counter.inByClass), sum(counter.outByClass)]).toEqual([counter.in, counter.out]);
    const turned = eventsOf(
      between(...line),
      {},
      frames.map((rows) => rows.toReversed()),
    ).counter;
    expect([turned.in, turned.out]).toEqual([counter.in, counter.out]);
  });

  it.each(lines)('an object that is never forgotten goes in and out in turns: %f,%f %f,%f', (...line) => {
    const { events } = eventsOf(between(...line), { frames_until_forgotten: 1000 });
    const ways = new Map<number, string>();
    for (const event of events) {
      if (!Array.isArray(event)) continue;
      for (const [way, ids] of [
        ['in', event[1]],
        ['out', event[2]],
      ]) {
        for (const id of ids) {
          expect(ways.get(id)).not.toBe(way);
          ways.set(id, way);
        }
      }
    }
    expect(ways.size).toBeGreaterThan(5);
  });
});

const LINE = between(0, 100, 200, 100);
const at = (y: number, trackId = 1, x = 50): CountableTrack => ({ trackId, box: [x, y - 10, x + 20, y + 10] });
/** In and out after frames of one object, undefined where it is not seen. */
function counted(ways: readonly (number | undefined)[], options?: LineCounterOptions): readonly number[] {
  const counter = createLineCounter(LINE, options);
  for (const y of ways) counter.update(y === undefined ? [] : [at(y)]);
  return [counter.in, counter.out];
}

describe('an object', () => {
  test('goes in upwards over a line from left to right, once all of it is beyond', () => {
    expect(counted([130, 115, 105, 95, 91])).toEqual([0, 0]);
    expect(counted([130, 115, 105, 95, 89])).toEqual([1, 0]);
    expect(counted([70, 130])).toEqual([0, 1]);
  });

  test('that turns around on the line has not crossed it', () => {
    expect(counted([130, 105, 98, 102, 130, 95, 130])).toEqual([0, 0]);
  });

  test('that comes beside the ends has not crossed it', () => {
    const counter = createLineCounter(LINE);
    for (const y of [130, 70]) counter.update([at(y, 1, 190), at(y, 2, 100)]);
    expect([counter.in, counter.out]).toEqual([1, 0]);
  });

  test('is forgotten after two frames, or as many as are said', () => {
    expect(counted([130, undefined, 70])).toEqual([1, 0]);
    expect(counted([130, undefined, undefined, 70])).toEqual([0, 0]);
    expect(counted([130, undefined, undefined, 70], { frames_until_forgotten: 3 })).toEqual([1, 0]);
  });

  test('has crossed after as many frames as are said', () => {
    const options = { minimum_crossing_threshold: 2 };
    expect(counted([130, 70, 130, 70, 130], options)).toEqual([0, 0]);
    expect(counted([130, 70, 70, 130], options)).toEqual([1, 0]);
  });
});

test('reset() forgets sides and counts', () => {
  const counter = createLineCounter(LINE);
  for (const y of [130, 70, 130]) counter.update([at(y)]);
  counter.reset();
  expect([counter.in, counter.out, counter.inByClass.size]).toEqual([0, 0, 0]);
  expect(counter.update([at(70)])).toEqual({ in: [], out: [] });
});

describe('refuses', () => {
  const box: Box = [0, 0, 9, 9];
  test.each<[string, () => unknown, RegExp]>([
    [
      'a point for a line',
      () => createLineCounter(between(3, 4, 3, 4)),
      /createLineCounter\.line: expected two different/,
    ],
    ['NaN', () => createLineCounter(between(3, Number.NaN, 3, 4)), /createLineCounter\.line/],
    [
      'a threshold of 0',
      () => createLineCounter(LINE, { minimum_crossing_threshold: 0 }),
      /threshold: expected a whole/,
    ],
    [
      'no memory',
      () => createLineCounter(LINE, { frames_until_forgotten: 0.5 }),
      /forgotten: expected a whole number from 1/,
    ],
    ['a box of NaN', () => createLineCounter(LINE).update([{ trackId: 1, box: [0, 0, Number.NaN, 1] }]), /\[0\]\.box/],
    ['an id that is none', () => createLineCounter(LINE).update([{ trackId: 1.5, box }]), /update\[0\]\.trackId/],
    [
      'one id for two objects',
      () =>
        createLineCounter(LINE).update([
          { trackId: 1, box },
          { trackId: 1, box },
        ]),
      /update\[1\]\.trackId: expected each once in a frame/,
    ],
  ])('%s', (_, make, message) => {
    expect(make).toThrow(LowformerError);
    expect(make).toThrow(message);
  });
});
