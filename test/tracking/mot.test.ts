/** MOTChallenge's text, as py-motmetrics and TrackEval read it (`test/fixtures/tracking/read_mot.py`). */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { createTracker } from '../../tracking/byte_tracker.js';
import { motLines } from '../../tracking/mot.js';

const text = (name: string) => readFileSync(new URL(`../fixtures/tracking/${name}`, import.meta.url), 'utf8');
const row = z.tuple([z.number(), z.number(), z.number(), z.number(), z.number()], z.number());
const { few } = z.object({ few: z.array(z.array(row)) }).parse(JSON.parse(text('sequences.json')));

test('a sequence: what they read are the boxes that were found', () => {
  const tracker = createTracker();
  const frames = few.map((rows) =>
    tracker.update(rows.map(([x1, y1, x2, y2, score]) => ({ box: [x1, y1, x2, y2] as const, score }))),
  );
  expect(frames.map((tracks, i) => motLines(i + 1, tracks)).join('')).toBe(text('mot.txt'));
  const expected = frames.flatMap((tracks, i) =>
    tracks.map(({ trackId, box: [x1, y1, x2, y2], score }) => [i + 1, trackId, x1, y1, x2 - x1, y2 - y1, score]),
  );
  const inOrder = expected.toSorted(([f = 0, a = 0], [g = 0, b = 0]) => f - g || a - b);
  expect(JSON.parse(text('mot_read.json'))).toEqual(inOrder);
});

test('frames, ids and pixels count from 1', () => {
  const lines = motLines(1, [{ box: [0, 0, 10.25, 20.0006], score: 1, trackId: 1 }]);
  expect(lines).toBe('1,1,1.000,1.000,10.250,20.001,1.0000,-1,-1,-1\n');
  expect(motLines(2, [])).toBe('');
});
