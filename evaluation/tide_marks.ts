/** What became of each detection and object of one picture, by TIDE's kinds: for showing it. */
import type { CocoObject, CocoScoredBox } from './coco_records.js';
import { type TideKind, tidePicture } from './tide_errors.js';

export interface TideMark {
  readonly kind: 'right' | TideKind;
  /** Absent for a missed object. */
  readonly detection: CocoScoredBox | undefined;
  /** What was found, missed, or would have been found; absent where there is nothing. */
  readonly object: CocoObject | undefined;
}

/**
 * Detections of `score` and more against the objects; an object that only a detection of a lower score finds is missed.
 * Wrong detections that a crowd excuses are left out.
 */
export function tideMarks(
  objects: readonly CocoObject[],
  detections: readonly CocoScoredBox[],
  score: number,
): readonly TideMark[] {
  const confident = detections.filter((detection) => detection.score >= score);
  const { right, errors } = tidePicture(objects, confident);
  const wrong = errors.filter(({ kind, as }) => kind === 'missed' || as !== undefined);
  return [
    ...right.map((match) => ({ kind: 'right' as const, ...match })),
    ...wrong.map(({ kind, detection, object }) => ({ kind, detection, object })),
  ];
}

/** How bad a picture is: the score of each wrong detection, and 1 for each missed object. */
export function weightOfErrors(marks: readonly TideMark[]): number {
  return marks.reduce((sum, { kind, detection }) => sum + (kind === 'right' ? 0 : (detection?.score ?? 1)), 0);
}
