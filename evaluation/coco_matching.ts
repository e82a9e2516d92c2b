/** Which detections of one category in one picture count as right: `evaluateImg` and `bbIou` of pycocotools 2.0.11. */
import { AREA_RANGES, IOU_THRESHOLDS } from './coco_parameters.js';
import type { CocoBbox, CocoObject, CocoScoredBox } from './coco_records.js';
import { countingRanges, ID_ZERO, isCrowd, marksOf, rangesOf } from './coco_tables.js';

/** Bit `t` of an outcome: right at overlap threshold `t`. Bit `FALSE_SHIFT + t`: wrong. Neither: it does not count. */
export const FALSE_SHIFT = 16;

const WRONG_EVERYWHERE = ((1 << IOU_THRESHOLDS.length) - 1) << FALSE_SHIFT;

/** The overlap that a match needs, held below 1 so that equal boxes pass whatever the rounding. */
const NEEDED = Float64Array.from(IOU_THRESHOLDS, (threshold) => Math.min(threshold, 1 - 1e-10));
const LEAST_NEEDED = Math.min(...NEEDED);
const RANGES = AREA_RANGES.length;

/**
 * Intersection over union of two boxes in pixels; with a crowd, the share of the detection inside it.
 * 0 where they only touch. The sums are in maskApi's order, so that the last bit is the same.
 */
export function cocoOverlap(detection: CocoBbox, object: CocoBbox, crowd: boolean): number {
  return overlapAt(detection, 0, object, 0, crowd);
}

/** `cocoOverlap` of boxes that stand among others, from `at` on. */
function overlapAt(
  detections: ArrayLike<number>,
  d: number,
  objects: ArrayLike<number>,
  g: number,
  crowd: boolean,
): number {
  const x = detections[d] ?? 0;
  const detectionWidth = detections[d + 2] ?? 0;
  const objectX = objects[g] ?? 0;
  const objectWidth = objects[g + 2] ?? 0;
  const width = Math.min(detectionWidth + x, objectWidth + objectX) - Math.max(x, objectX);
  if (width <= 0) return 0;
  const y = detections[d + 1] ?? 0;
  const detectionHeight = detections[d + 3] ?? 0;
  const objectY = objects[g + 1] ?? 0;
  const objectHeight = objects[g + 3] ?? 0;
  const height = Math.min(detectionHeight + y, objectHeight + objectY) - Math.max(y, objectY);
  if (height <= 0) return 0;
  const intersection = width * height;
  const area = detectionWidth * detectionHeight;
  return intersection / (crowd ? area : area + objectWidth * objectHeight - intersection);
}

/** The objects and detections of one category in one picture, and what becomes of them: memory that is used again. */
export interface MatchingGroup {
  objects: number;
  detections: number;
  /** Four numbers each, in the order of the annotations: of equal overlaps the later object wins. */
  objectBoxes: Float64Array;
  /** As in `CocoObjectTable`. */
  marks: Uint8Array;
  /** Bit by bit the ranges in which an object counts. */
  counting: Uint8Array;
  /** Scores descending, no more than count. */
  detectionBoxes: Float64Array;
  /** Written by `measureOverlaps`: `[detections, objects]`, and the largest of each detection. */
  overlaps: Float64Array;
  most: Float64Array;
  /** Written by `matchGroup`: `[detections, ranges of AREA_RANGES]`, row-major: see `FALSE_SHIFT`. */
  outcomes: Uint32Array;
  /** Positions of the objects, those that count in the range at hand first. */
  order: Int32Array;
  /** By object, bit t: a detection has it at threshold t. */
  taken: Uint16Array;
}

/** Room for so many. */
export function matchingGroup(objects: number, detections: number): MatchingGroup {
  return {
    objects,
    detections,
    objectBoxes: new Float64Array(objects * 4),
    marks: new Uint8Array(objects),
    counting: new Uint8Array(objects),
    detectionBoxes: new Float64Array(detections * 4),
    overlaps: new Float64Array(objects * detections),
    most: new Float64Array(detections),
    outcomes: new Uint32Array(detections * RANGES),
    order: new Int32Array(objects),
    taken: new Uint16Array(objects),
  };
}

/** `group` with other numbers of objects and detections, or a larger one. What was in it is lost. */
export function resizedGroup(group: MatchingGroup, objects: number, detections: number): MatchingGroup {
  const fits = objects <= group.marks.length && detections <= group.most.length;
  const sized =
    fits && objects * detections <= group.overlaps.length ? group : matchingGroup(objects * 2, detections * 2);
  sized.objects = objects;
  sized.detections = detections;
  return sized;
}

/** The same as `matchGroup`, of records. @param outcomes as in `MatchingGroup`, written. */
export function matchDetections(
  objects: readonly CocoObject[],
  detections: readonly CocoScoredBox[],
  outcomes: Uint32Array,
): void {
  const group = matchingGroup(objects.length, detections.length);
  objects.forEach((object, g) => {
    const marks = marksOf(object);
    group.objectBoxes.set(object.bbox, g * 4);
    group.marks[g] = marks;
    group.counting[g] = countingRanges(object.area, marks);
  });
  detections.forEach(({ bbox }, d) => {
    group.detectionBoxes.set(bbox, d * 4);
  });
  measureOverlaps(group);
  matchGroup(group);
  outcomes.set(group.outcomes);
}

/** Whether a detection overlaps an object enough for the lowest threshold. */
export function hasCandidates({ most }: MatchingGroup, detection: number): boolean {
  return (most[detection] ?? 0) >= LEAST_NEEDED;
}

/** Whether any detection does. */
export function measureOverlaps(group: MatchingGroup): boolean {
  const { objects, objectBoxes, marks, detections, detectionBoxes, overlaps, most } = group;
  let any = false;
  for (let d = 0; d < detections; d++) {
    let largest = 0;
    for (let g = 0; g < objects; g++) {
      const overlap = overlapAt(detectionBoxes, d * 4, objectBoxes, g * 4, isCrowd(marks[g] ?? 0));
      overlaps[d * objects + g] = overlap;
      if (overlap > largest) largest = overlap;
    }
    most[d] = largest;
    any ||= largest >= LEAST_NEEDED;
  }
  return any;
}

/**
 * Matches detections to the objects of the same picture and category: each takes, best score first, the object that it
 * overlaps most among those not taken, objects that count before those that do not. A crowd can be taken often.
 *
 * As in pycocotools, a match with an object of id 0 takes that object and is counted as no match: its table of matches
 * holds ids, and 0 for none.
 */
export function matchGroup(group: MatchingGroup): void {
  for (let range = 0; range < RANGES; range++) matchInRange(group, range, orderObjects(group, range));
}

/** Fills `order`: the objects that count in a range first, otherwise as they come. How many count. */
function orderObjects({ objects, counting, order, taken }: MatchingGroup, range: number): number {
  let count = 0;
  for (let g = 0; g < objects; g++) {
    taken[g] = 0;
    if (((counting[g] ?? 0) >> range) & 1) order[count++] = g;
  }
  let place = count;
  for (let g = 0; place < objects; g++) if ((((counting[g] ?? 0) >> range) & 1) === 0) order[place++] = g;
  return count;
}

/** @param counting how many of the ordered objects count in the range. */
function matchInRange(group: MatchingGroup, range: number, counting: number): void {
  const { marks, detections, detectionBoxes, outcomes, most, order, taken } = group;
  for (let d = 0; d < detections; d++) {
    const area = (detectionBoxes[d * 4 + 2] ?? 0) * (detectionBoxes[d * 4 + 3] ?? 0);
    const wrong = (rangesOf(area) >> range) & 1 ? WRONG_EVERYWHERE : 0;
    const largest = most[d] ?? 0;
    let outcome = 0;
    let t = 0;
    for (; t < NEEDED.length && largest >= (NEEDED[t] ?? 1); t++) {
      const place = bestMatch(group, d, counting, t);
      const bits = (1 << t) | (1 << (FALSE_SHIFT + t));
      if (place < 0) {
        outcome |= wrong & bits;
        continue;
      }
      const g = order[place] ?? 0;
      taken[g] = (taken[g] ?? 0) | (1 << t);
      if (place < counting) outcome |= (marks[g] ?? 0) & ID_ZERO ? wrong & bits : 1 << t;
    }
    // The thresholds that no overlap reaches.
    outcomes[d * RANGES + range] = outcome | (wrong & (WRONG_EVERYWHERE << t));
  }
}

/** Place in `order` of the free object with the largest overlap from the threshold up, -1 where there is none. */
function bestMatch(group: MatchingGroup, d: number, counting: number, threshold: number): number {
  const { objects, marks, overlaps, order, taken } = group;
  let best = NEEDED[threshold] ?? 1;
  let found = -1;
  for (let place = 0; place < objects; place++) {
    if (place >= counting && found >= 0 && found < counting) break;
    const g = order[place] ?? 0;
    if (((taken[g] ?? 0) >> threshold) & 1 && !isCrowd(marks[g] ?? 0)) continue;
    const overlap = overlaps[d * objects + g] ?? 0;
    if (overlap < best) continue;
    best = overlap;
    found = place;
  }
  return found;
}
