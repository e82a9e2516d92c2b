/** What a tracker can be told, under the names that mmdet 3's `ByteTracker` has for it. */
import { z } from 'zod';
import { LowformerError } from '../core/errors.js';

const share = z.number().min(0).max(1);

/** Keys of mmdet's `ByteTracker`; the defaults are those of `supervision`'s `ByteTrack`. */
export const trackerSchema = z.strictObject({
  obj_score_thrs: z
    .strictObject({
      high: share
        .default(0.25)
        .describe('a detection with this score or a better one is matched first, with every track'),
      low: share
        .default(0.1)
        .describe('one with a better score than this is then matched with the tracks that are left'),
    })
    .prefault({}),
  init_track_thr: share.optional().describe('a track starts from this score on; by default high + 0.1'),
  weight_iou_with_det_scores: z.boolean().default(true).describe('overlaps count times the score of the detection'),
  match_iou_thrs: z
    .strictObject({
      high: share
        .default(0.2)
        .describe('least overlap (times the score) of a track and a detection of the first matching'),
      low: share.default(0.5).describe('least overlap of a track and a detection of the second matching'),
      tentative: share.default(0.3).describe('least overlap (times the score) of a new track and its second detection'),
    })
    .prefault({}),
  num_tentatives: z.int().min(1).max(1000).default(1).describe('detections that a track has before it counts as one'),
  num_frames_retain: z
    .int()
    .min(0)
    .max(100_000)
    .default(30)
    .describe('frames for which a track that is not seen can be found again'),
  class_agnostic: z.boolean().default(true).describe('whether a track may pass from one class to another'),
});

/** A tracker's options as they are written: every key may be left out. */
export type TrackerOptions = z.input<typeof trackerSchema>;
/** The same with the defaults. */
export type TrackerConfig = z.output<typeof trackerSchema> & { readonly init_track_thr: number };

/** @throws {LowformerError} `invalid-argument` for an unknown key, a wrong value, a low threshold above the high one. */
export function readTrackerOptions(options: TrackerOptions): TrackerConfig {
  const parsed = trackerSchema.safeParse(options);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = ['createTracker', ...(issue?.path ?? [])].join('.');
    throw new LowformerError({ code: 'invalid-argument', where, expected: issue?.message ?? 'other options' });
  }
  const { high, low } = parsed.data.obj_score_thrs;
  if (low > high) {
    throw new LowformerError({
      code: 'invalid-argument',
      where: 'createTracker.obj_score_thrs.low',
      expected: `no more than high, ${high},`,
      received: low,
    });
  }
  // The reference's: a sum above 1 would start no track.
  const start = high + 0.1 > 1 ? high : high + 0.1;
  return { ...parsed.data, init_track_thr: parsed.data.init_track_thr ?? start };
}
