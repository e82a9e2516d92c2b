import { describe, expect, test } from 'vitest';
import { countRun } from '../../tools/count_run.js';
import { detection } from '../drawing/pictures.js';

const SIZE = { width: 200, height: 160 };
const door = { name: 'door', start: [0, 100], end: [200, 100] } as const;
const corner = {
  name: 'corner',
  polygon: [
    [0, 0],
    [60, 0],
    [60, 90],
    [0, 90],
  ],
} as const;
/** 20 x 20 pixels, with (x, y) in the middle of the lower edge. */
const track = (trackId: number, x: number, y: number, index = 0) => {
  const found = detection([x - 10, y - 20, x + 10, y], index, ['cat', 'dog'][index] ?? '');
  return { ...found, trackId, filteredBox: found.box };
};

describe('counts of a sequence', () => {
  const counts = countRun({ countLine: [door], countZone: [corner] }) ?? expect.fail('none');
  counts.add([track(1, 30, 140), track(2, 90, 85, 1), track(3, 150, 140, 1)], SIZE);
  counts.add([track(1, 30, 85), track(2, 90, 130, 1), track(3, 150, 60, 1)], SIZE);

  test('are what the record of a frame has', () => {
    expect(counts.record()).toEqual({
      lines: {
        door: {
          in: 2,
          out: 1,
          by_class: { cat: { in: 1, out: 0 }, dog: { in: 1, out: 1 } },
          crossed_in: [1, 3],
          crossed_out: [2],
        },
      },
      zones: { corner: { inside: 1, tracks: 1, by_class: { cat: { inside: 1, tracks: 1 } }, track_ids: [1] } },
    });
  });

  test('are drawn where they are in a smaller picture', () => {
    expect(counts.drawn(SIZE, { width: 100, height: 40 })).toEqual({
      lines: [{ name: 'door', start: [0, 25], end: [100, 25], in: 2, out: 1 }],
      zones: [
        {
          name: 'corner',
          polygon: [
            [0, 0],
            [30, 0],
            [30, 22.5],
            [0, 22.5],
          ],
          inside: 1,
          tracks: 1,
        },
      ],
    });
  });

  test('are told at the end', () => {
    expect(counts.summary()).toEqual(['line door: 2 in, 1 out', 'zone corner: 1 inside at the end, 1 in all']);
  });
});

test('a frame without tracks has counts, too', () => {
  const counts = countRun({ countZone: [corner] });
  counts?.add([], SIZE);
  expect(counts?.record()).toEqual({
    lines: {},
    zones: { corner: { inside: 0, tracks: 0, by_class: {}, track_ids: [] } },
  });
});

test('--count-after and --count-memory are those of the counter', () => {
  const ways = [140, undefined, undefined, 60, 60];
  const crossed = (options: { readonly countAfter?: number; readonly countMemory?: number }) => {
    const counts = countRun({ countLine: [door], ...options });
    return ways.map((y) => {
      counts?.add(y === undefined ? [] : [track(1, 50, y)], SIZE);
      return counts?.summary()[0];
    });
  };
  const [none, one] = ['line door: 0 in, 0 out', 'line door: 1 in, 0 out'];
  expect(crossed({})).toEqual([none, none, none, none, none]);
  expect(crossed({ countMemory: 3 })).toEqual([none, none, none, one, one]);
  expect(crossed({ countAfter: 2 })).toEqual([none, none, none, none, one]);
});

test('nothing to count', () => {
  expect(countRun({})).toBeUndefined();
});
