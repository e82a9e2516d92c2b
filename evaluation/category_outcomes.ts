/** What became of one picture's detections of one category: COCO's matching, of objects of any size. */
import { matchDetections } from './coco_matching.js';
import { AREA_RANGES, MAX_DETECTIONS } from './coco_parameters.js';
import type { CocoObject, CocoScoredBox } from './coco_records.js';

export interface DetectionOutcome {
  readonly detection: CocoScoredBox;
  /** See `FALSE_SHIFT`: by bit, right or wrong at each overlap threshold, or neither where it does not count. */
  readonly bits: number;
}

/** Best score first, the best 100. @param objects of the category, as `matchDetections`. */
export function categoryOutcomes(
  objects: readonly CocoObject[],
  detections: readonly CocoScoredBox[],
): readonly DetectionOutcome[] {
  const counting = detections.toSorted((a, b) => b.score - a.score).slice(0, MAX_DETECTIONS[2]);
  const outcomes = new Uint32Array(counting.length * AREA_RANGES.length);
  matchDetections(objects, counting, outcomes);
  return counting.map((detection, d) => ({ detection, bits: outcomes[d * AREA_RANGES.length] ?? 0 }));
}

/** By category id; categories that a picture has neither objects nor detections of are not there. */
export function byCategory(
  objects: readonly CocoObject[],
  detections: readonly CocoScoredBox[],
): ReadonlyMap<number, { readonly objects: readonly CocoObject[]; readonly detections: readonly CocoScoredBox[] }> {
  const sorted = new Map<number, { objects: CocoObject[]; detections: CocoScoredBox[] }>();
  const of = (id: number) => {
    const known = sorted.get(id) ?? { objects: [], detections: [] };
    sorted.set(id, known);
    return known;
  };
  for (const object of objects) of(object.category_id).objects.push(object);
  for (const detection of detections) of(detection.category_id).detections.push(detection);
  return sorted;
}
