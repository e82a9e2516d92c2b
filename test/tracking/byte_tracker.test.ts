/** `supervision`'s ByteTrack on recorded detections (`test/fixtures/tracking/make.py`), and what it leaves open. */
import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { z } from 'zod';
import { LowformerError } from '../../core/errors.js';
import type { Box } from '../../core/results.js';
import { createTracker } from '../../tracking/byte_tracker.js';
import type { TrackableDetection } from '../../tracking/tracker.js';
import type { TrackerOptions } from '../../tracking/tracker_options.js';

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../fixtures/tracking/${name}.json`, import.meta.url), 'utf8'));
const number = z.number();
const detectionRow = z.tuple([number, number, number, number, number, number]);
const sequences = z.record(z.string(), z.array(z.array(detectionRow))).parse(read('sequences'));
const trackRow = z.tuple([number, number, number, number, number, number]);
const expected = z
  .record(
    z.string(),
    z.strictObject({
      sequence: z.string(),
      options: z.record(z.string(), number),
      frames: z.array(z.array(trackRow)),
    }),
  )
  .parse(read('tracks'));

const detectionsOf = (rows: readonly z.output<typeof detectionRow>[]) =>
  rows.map(([x1, y1, x2, y2, score, classIndex]) => ({ box: [x1, y1, x2, y2], score, classIndex }) as const);

/** The options of `supervision.ByteTrack`, under mmdet's names. */
function ourOptions(theirs: Readonly<Record<string, number>>): TrackerOptions {
  const {
    track_activation_threshold: high = 0.25,
    minimum_matching_threshold: cost = 0.8,
    lost_track_buffer = 30,
    minimum_consecutive_frames = 1,
  } = theirs;
  return {
    obj_score_thrs: { high },
    match_iou_thrs: { high: 1 - cost },
    num_frames_retain: lost_track_buffer,
    num_tentatives: minimum_consecutive_frames,
  };
}

describe("supervision's ByteTrack, frame by frame: ids, filtered boxes, scores", () => {
  it.each(Object.entries(expected))('%s', (_, { sequence, options, frames }) => {
    const tracker = createTracker(ourOptions(options));
    const recorded = sequences[sequence] ?? [];
    expect(recorded).toHaveLength(frames.length);
    let farthest = 0;
    recorded.forEach((rows, frame) => {
      const tracks = tracker.update(detectionsOf(rows)).toSorted((a, b) => a.trackId - b.trackId);
      const wanted = frames[frame] ?? [];
      expect(tracks.map(({ trackId, score }) => [trackId, score])).toEqual(wanted.map((row) => [row[0], row[5]]));
      tracks.forEach(({ filteredBox }, i) => {
        filteredBox.forEach((value, c) => {
          farthest = Math.max(farthest, Math.abs(value - (wanted[i]?.[c + 1] ?? Number.NaN)));
        });
      });
    });
    // They are written with six decimals.
    expect(farthest).toBeLessThan(1e-6);
  });
});

/** A box of 40 x 40 pixels. */
const boxAt = (x: number, y = 100): Box => [x, y, x + 40, y + 40];
const detection = (x: number, score = 0.9, classIndex = 0) => ({ box: boxAt(x), score, classIndex });
const ids = (tracked: readonly { readonly trackId: number }[]) => tracked.map(({ trackId }) => trackId);

describe('what is given back', () => {
  it('is the detection with its own box, in the order given', () => {
    const tracker = createTracker();
    const [a, b] = [
      { ...detection(300), name: 'a' },
      { ...detection(20, 0.8), name: 'b' },
    ];
    expect(tracker.update([a, b])).toMatchObject([
      { name: 'a', box: a.box, trackId: 1 },
      { name: 'b', box: b.box, trackId: 2 },
    ]);
    expect(ids(tracker.update([b, a]))).toEqual([2, 1]);
    expect(tracker.frame).toBe(2);
  });

  it('leaves out what belongs to no track: low scores alone, boxes without an area', () => {
    const flat = { box: [10, 10, 10, 50] as const, score: 0.9 };
    expect(createTracker().update([detection(20, 0.3), detection(200, 0.2), flat])).toEqual([]);
  });

  it('a track that starts later is told from its second frame on', () => {
    const tracker = createTracker();
    tracker.update([]);
    expect(tracker.update([detection(20)])).toEqual([]);
    expect(ids(tracker.update([detection(22)]))).toEqual([1]);
  });

  it('reset() starts from 1 again', () => {
    const tracker = createTracker();
    tracker.update([detection(20)], 7);
    tracker.reset();
    expect(tracker.frame).toBe(0);
    expect(ids(tracker.update([detection(200)], 3))).toEqual([1]);
  });
});

describe('classes', () => {
  it('a track passes from class to class, as in the reference; not with class_agnostic: false', () => {
    const run = (options: TrackerOptions) => {
      const tracker = createTracker(options);
      tracker.update([detection(20, 0.9, 0)]);
      return ids(tracker.update([detection(21, 0.9, 1)]));
    };
    expect(run({})).toEqual([1]);
    expect(run({ class_agnostic: false })).toEqual([]);
  });

  it('two classes in one place are two tracks', () => {
    const tracker = createTracker({ class_agnostic: false });
    const both = [detection(20, 0.9, 0), detection(20, 0.8, 1)];
    expect(ids(tracker.update(both))).toEqual([1, 2]);
    expect(ids(tracker.update(both.toReversed()))).toEqual([2, 1]);
  });

  it('a detection without a class is refused there', () => {
    const tracker = createTracker({ class_agnostic: false });
    expect(() => tracker.update([{ box: boxAt(1), score: 1 }])).toThrow(/detections\[0\]: expected a classIndex/);
    expect(tracker.frame).toBe(0);
  });
});

describe('frames that are left out', () => {
  /** Boxes of a track that moves 6 pixels a frame. */
  const moving = (frames: number) => Array.from({ length: frames }, (_, i) => detection(20 + 6 * i));

  it('move a track on as frames without a detection do', () => {
    const [gap, empty] = [createTracker(), createTracker()];
    for (const one of moving(8)) {
      gap.update([one]);
      empty.update([one]);
    }
    for (let i = 0; i < 4; i++) empty.update([]);
    const later = [detection(20 + 6 * 12)];
    const [a, b] = [gap.update(later, 13), empty.update(later)];
    expect(a).toEqual(b);
    expect(ids(a)).toEqual([1]);
  });

  it('every second frame of a sequence: the same number for what moves on', () => {
    const tracker = createTracker();
    const seen = moving(20).flatMap((one, i) => (i % 2 === 0 ? ids(tracker.update([one], i + 1)) : []));
    expect(new Set(seen)).toEqual(new Set([1]));
  });

  it('count for a lost track as for one that was looked for', () => {
    const found = (frame: number, retain: number) => {
      const tracker = createTracker({ num_frames_retain: retain });
      tracker.update([detection(20)]);
      tracker.update([detection(20)]);
      tracker.update([]);
      return ids(tracker.update([detection(20)], frame)).length === 1;
    };
    const lookedFor = (frame: number, retain: number) => {
      const tracker = createTracker({ num_frames_retain: retain });
      tracker.update([detection(20)]);
      tracker.update([detection(20)]);
      while (tracker.frame < frame - 1) tracker.update([]);
      return ids(tracker.update([detection(20)])).length === 1;
    };
    for (const retain of [0, 1, 2, 5]) {
      for (let frame = 4; frame < 12; frame++) expect(found(frame, retain)).toBe(lookedFor(frame, retain));
    }
  });

  it('more than are retained end all tracks', () => {
    const tracker = createTracker({ num_frames_retain: 5 });
    tracker.update([detection(20)]);
    expect(ids(tracker.update([detection(20)], 7))).toEqual([1]);
    expect(tracker.update([detection(20)], 14)).toEqual([]);
    expect(ids(tracker.update([detection(20)], 15))).toEqual([2]);
  });
});

describe('mistakes', () => {
  test.each<[string, TrackerOptions, RegExp]>([
    ['a threshold above 1', { init_track_thr: 2 }, /^createTracker\.init_track_thr: /],
    ['low above high', { obj_score_thrs: { low: 0.5 } }, /low: expected no more than high, 0\.25, but received 0\.5/],
    ['part of a frame', { num_frames_retain: 1.5 }, /^createTracker\.num_frames_retain: /],
  ])('%s', (_, options, message) => {
    expect(() => createTracker(options)).toThrow(message);
    expect(() => createTracker(options)).toThrow(LowformerError);
  });

  test('frames that do not go up', () => {
    const tracker = createTracker();
    tracker.update([], 4);
    for (const frame of [4, 3, 4.5, Number.NaN]) {
      expect(() => tracker.update([], frame)).toThrow(/expected a whole number above 4/);
    }
    expect(ids(tracker.update([detection(20)], 5))).toEqual([]);
  });

  test('NaN leaves the tracker as it was', () => {
    const tracker = createTracker();
    tracker.update([detection(20)]);
    const bad: TrackableDetection = { box: [0, 0, Number.NaN, 5], score: 0.9 };
    expect(() => tracker.update([detection(22), bad])).toThrow(/detections\[1\]: expected a finite box and score/);
    expect(tracker.frame).toBe(1);
    expect(ids(tracker.update([detection(24)]))).toEqual([1]);
  });
});
