/** Recorded tracks and what `supervision` counts on them (`test/fixtures/tracking/make_counts.py`). */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { CountableTrack } from '../../tracking/counted_tracks.js';

const number = z.number();
const ids = z.array(z.int());
const classCounts = z.array(z.tuple([z.int(), z.int()]));

export const recorded = z
  .strictObject({
    frames: z.array(z.array(z.tuple([number, number, number, number, number, number]))),
    lines: z.record(
      z.string(),
      z.strictObject({
        line: z.tuple([number, number, number, number]),
        threshold: z.int(),
        /** Of frames in which something crossed: the frame from 0, ids in, ids out, both sums so far. */
        events: z.array(z.tuple([z.int(), ids, ids, z.int(), z.int()])),
        in_by_class: classCounts,
        out_by_class: classCounts,
      }),
    ),
    zones: z.record(
      z.string(),
      z.strictObject({ polygon: z.array(z.tuple([z.int(), z.int()])), inside: z.array(ids) }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL('../fixtures/tracking/counts.json', import.meta.url), 'utf8')));

/** Each frame's tracks. */
export const frames: readonly (readonly CountableTrack[])[] = recorded.frames.map((rows) =>
  rows.map(([trackId, x1, y1, x2, y2, classIndex]) => ({ trackId, box: [x1, y1, x2, y2], classIndex })),
);
