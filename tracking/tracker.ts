/** A tracker: detections of one frame after another in, the same with the number of their object out. */
import type { Box } from '../core/results.js';

/** What a tracker asks of a detection; a `Detection` of a model has it. */
export interface TrackableDetection {
  /** Pixels of the picture. */
  readonly box: Box;
  /** 0 to 1. */
  readonly score: number;
  /** Asked for with `class_agnostic: false` alone. */
  readonly classIndex?: number;
}

/** A detection, and the track that it belongs to. */
export type Tracked<D> = D & {
  /** From 1, in the order in which tracks are confirmed; never given twice. */
  readonly trackId: number;
  /** Where the Kalman filter takes the object to be, having seen this detection: pixels of the picture. */
  readonly filteredBox: Box;
};

export interface Tracker {
  /**
   * Takes the detections of the next frame, in any order, and gives back those that belong to a track, in the order given.
   * The low scores are wanted too: a track that is half hidden lives on them.
   * @param frame its number: a whole number above that of the frame before; by default that plus 1, and 1 for the first. In
   *   frames that were left out nothing is taken to have been missed: tracks move on by as many frames, as they do through
   *   frames without a detection, and those that are lost grow older by as many. After more than `num_frames_retain` frames
   *   left out every track that was seen before them has ended.
   * @throws {LowformerError} for a frame number that does not go up, for NaN or infinity in a box or score, and with
   *   `class_agnostic: false` for a detection without a class; the tracker then is as before.
   */
  update<D extends TrackableDetection>(detections: readonly D[], frame?: number): readonly Tracked<D>[];
  /** Number of the frame that was taken last; 0 before the first. */
  readonly frame: number;
  /** Forgets all tracks: the next frame is the first of another sequence, and ids count from 1 again. */
  reset(): void;
}
