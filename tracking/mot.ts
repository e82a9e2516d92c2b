/**
 * Tracks as MOTChallenge's text has them (Leal-Taixé et al., arXiv 1504.01942), which TrackEval and py-motmetrics read: a line
 * `frame,id,left,top,width,height,score,-1,-1,-1` for each object of each frame. Frames, ids and pixels count from 1: the
 * left edge of the picture is at 1, where boxes of this toolkit have 0.
 */
import type { Box } from '../core/results.js';

/** What a line tells. */
export interface MotObject {
  /** Pixels of the picture, from 0. */
  readonly box: Box;
  /** 0 to 1. */
  readonly score: number;
  /** From 1. */
  readonly trackId: number;
}

/** The lines of one frame, each with its end. Thousandths of a pixel. @param frame from 1. */
export function motLines(frame: number, objects: readonly MotObject[]): string {
  return objects
    .map(({ box: [x1, y1, x2, y2], score, trackId }) => {
      const place = [x1 + 1, y1 + 1, x2 - x1, y2 - y1].map((value) => value.toFixed(3));
      return `${[frame, trackId, ...place, score.toFixed(4), -1, -1, -1].join(',')}\n`;
    })
    .join('');
}
