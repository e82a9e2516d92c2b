import { expect, test } from 'vitest';
import { boxAround } from '../../geometry/box_around.js';
import { labelExtents } from '../../geometry/label_extents.js';
import { labelOutlines } from '../../geometry/label_outlines.js';
import { labelRegions } from '../../geometry/label_regions.js';
import { seededRandom } from '../random.js';

const random = seededRandom(5);

/** Noise, and in every second round noise that is drawn out to the right and downwards. */
function drawn(round: number) {
  const upTo = (most: number) => 1 + Math.floor(random() * most);
  const [width, height, classes] = [upTo(20), upTo(20), upTo(4)];
  const labels = Uint8Array.from({ length: width * height }, () => Math.floor(random() * classes));
  for (let at = width; round % 2 === 1 && at < labels.length; at++) {
    if (random() < 0.6) labels[at] = labels[at - (random() < 0.5 ? 1 : width)] ?? 0;
  }
  return { width, height, labels };
}

/** For each pixel the first of its region, by filling from there: a naive loop. */
function filled({ width, labels }: ReturnType<typeof drawn>): number[] {
  const first: number[] = new Array(labels.length).fill(-1);
  for (let start = 0; start < labels.length; start++) {
    if ((first[start] ?? 0) >= 0) continue;
    const waiting = [start];
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      if (first[at] !== -1 || labels[at] !== labels[start]) continue;
      first[at] = start;
      waiting.push(at - width, at + width);
      if (at % width > 0) waiting.push(at - 1);
      if (at % width < width - 1) waiting.push(at + 1);
    }
  }
  return first;
}

test('runs of a row belong to the regions that filling finds', () => {
  for (let round = 0; round < 120; round++) {
    const map = drawn(round);
    const { starts, regions } = labelRegions(map);
    const made: number[] = [];
    for (const [run, region] of regions.entries()) {
      const [start, end] = [starts[run] ?? 0, starts[run + 1] ?? 0];
      expect(Math.floor(start / map.width)).toBe(Math.floor((end - 1) / map.width));
      for (let at = start; at < end; at++) made.push(starts[region] ?? -1);
    }
    expect(made).toEqual(filled(map));
  }
});

test('extents of labels are those of their outlines', () => {
  for (let round = 0; round < 100; round++) {
    const map = drawn(round);
    const outlines = labelOutlines(map);
    const expected = [...new Set(outlines.map(({ label }) => label))].map((label) => {
      const own = outlines.filter((outline) => outline.label === label);
      const pixels = own.reduce((sum, one) => sum + one.pixels, 0);
      return [label, { box: boxAround(own.flatMap(({ outer }) => outer)), pixels }];
    });
    expect([...labelExtents(map)]).toEqual(expected);
  }
});
