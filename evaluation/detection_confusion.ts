/** Which category is taken for which: detections of any category against the objects of any category. */
import { cocoOverlap } from './coco_matching.js';
import type { CocoObject, CocoScoredBox } from './coco_records.js';

/** What became of one detection or object: `right` and `confused` have both sides, `false` and `missed` one. */
export interface DetectionMark {
  readonly kind: 'right' | 'confused' | 'false' | 'missed';
  readonly detection: CocoScoredBox | undefined;
  readonly object: CocoObject | undefined;
}

export interface MatchThresholds {
  /** Detections of a lower score are left out. */
  readonly score: number;
  /** The overlap that a match needs. */
  readonly overlap: number;
}

/**
 * Matches detections to objects, best score first: each takes, among the objects that are free, the one that it overlaps
 * most; of equal overlaps one of its own category, then the first. An object has one detection at most. Detections that
 * take none are left out where a crowd of their category covers `overlap` of them; crowds are never matched.
 */
export function matchAcrossCategories(
  objects: readonly CocoObject[],
  detections: readonly CocoScoredBox[],
  thresholds: MatchThresholds,
): readonly DetectionMark[] {
  const crowds = objects.filter(({ iscrowd }) => Boolean(iscrowd));
  const free = new Set(objects.filter(({ iscrowd }) => !iscrowd));
  const counting = detections.filter(({ score }) => score >= thresholds.score).sort((a, b) => b.score - a.score);
  const marks: DetectionMark[] = [];
  for (const detection of counting) {
    const object = mostOverlapped(detection, free, thresholds.overlap);
    if (object !== undefined) {
      free.delete(object);
      marks.push({ kind: object.category_id === detection.category_id ? 'right' : 'confused', detection, object });
      continue;
    }
    const excused = crowds.some(
      (crowd) =>
        crowd.category_id === detection.category_id &&
        cocoOverlap(detection.bbox, crowd.bbox, true) >= thresholds.overlap,
    );
    if (!excused) marks.push({ kind: 'false', detection, object: undefined });
  }
  for (const object of free) marks.push({ kind: 'missed', detection: undefined, object });
  return marks;
}

function mostOverlapped(
  detection: CocoScoredBox,
  objects: Iterable<CocoObject>,
  needed: number,
): CocoObject | undefined {
  let best: CocoObject | undefined;
  let most = needed;
  for (const object of objects) {
    const overlap = cocoOverlap(detection.bbox, object.bbox, false);
    const wins = overlap > most || (overlap === most && (best === undefined || isCloser(detection, object, best)));
    if (!wins) continue;
    best = object;
    most = overlap;
  }
  return best;
}

function isCloser({ category_id }: CocoScoredBox, object: CocoObject, best: CocoObject): boolean {
  return object.category_id === category_id && best.category_id !== category_id;
}

export interface DetectionConfusion {
  add(marks: readonly DetectionMark[]): void;
  /** Rows: what is there; columns: what was found; in the order of the categories, then background. */
  matrix(): readonly (readonly number[])[];
}

/** @param categoryIds in the order of rows and columns. */
export function createDetectionConfusion(categoryIds: readonly number[]): DetectionConfusion {
  const size = categoryIds.length + 1;
  const counts = new Float64Array(size * size);
  const positions = new Map(categoryIds.map((id, k) => [id, k]));
  const place = (side: { readonly category_id: number } | undefined) =>
    side === undefined ? size - 1 : (positions.get(side.category_id) ?? size - 1);
  return {
    add(marks) {
      for (const { detection, object } of marks) {
        const cell = place(object) * size + place(detection);
        counts[cell] = (counts[cell] ?? 0) + 1;
      }
    },
    matrix: () => Array.from({ length: size }, (_, row) => Array.from(counts.subarray(row * size, (row + 1) * size))),
  };
}
