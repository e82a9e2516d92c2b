/** Which detections of one category in one picture count as right: `evaluateImg` and `bbIou` of pycocotools 2.0.11. */
import { AREA_RANGES, IOU_THRESHOLDS } from './coco_parameters.js';
import type { CocoBbox, CocoObject, CocoScoredBox } from './coco_records.js';
import { CROWD, ID_ZERO, marksOf } from './coco_tables.js';

/** Bit `t` of an outcome: right at overlap threshold `t`. Bit `FALSE_SHIFT + t`: wrong. Neither: it does not count. */
export const FALSE_SHIFT = 16;

export const WRONG_EVERYWHERE = ((1 << IOU_THRESHOLDS.length) - 1) << FALSE_SHIFT;

/** The overlap that a match needs, held below 1 so that equal boxes pass whatever the rounding. */
const NEEDED = Float64Array.from(IOU_THRESHOLDS, (threshold) => Math.min(threshold, 1 - 1e-10));
const LEAST_NEEDED = Math.min(...NEEDED);
const RANGES = AREA_RANGES.length;
const FROM = Float64Array.from(AREA_RANGES, ({ from }) => from);
const TO = Float64Array.from(AREA_RANGES, ({ to }) => to);

/**
 * Intersection over union of two boxes in pixels; with a crowd, the share of the detection inside it.
 * 0 where they only touch. The sums are in maskApi's order, so that the last bit is the same.
 */
export function cocoOverlap(detection: CocoBbox, object: CocoBbox, crowd: boolean): number {
  const [x, y, width, height] = object;
  return overlap(detection[0], detection[1], detection[2], detection[3], x, y, width, height, crowd);
}

/** `cocoOverlap` of two boxes as eight numbers: the hot path makes no records. */
function overlap(
  x: number,
  y: number,
  width: number,
  height: number,
  objectX: number,
  objectY: number,
  objectWidth: number,
  objectHeight: number,
  crowd: boolean,
): number {
  const shared = Math.min(width + x, objectWidth + objectX) - Math.max(x, objectX);
  if (shared <= 0) return 0;
  const sharedHeight = Math.min(height + y, objectHeight + objectY) - Math.max(y, objectY);
  if (sharedHeight <= 0) return 0;
  const intersection = shared * sharedHeight;
  const area = width * height;
  return intersection / (crowd ? area : area + objectWidth * objectHeight - intersection);
}

/** Whether something of that many pixels lies in a range of sizes. */
export function isInRange(area: number, range: number): boolean {
  return area >= (FROM[range] ?? 0) && area <= (TO[range] ?? 0);
}

/** The objects and detections of one category in one picture, and room for what becomes of them; used again and again. */
export interface MatchingGroup {
  objects: number;
  /** Four numbers each, in the order of the annotations: of equal overlaps the later object wins. */
  objectBoxes: Float64Array;
  areas: Float64Array;
  /** As in `CocoObjectTable`. */
  marks: Uint8Array;
  detections: number;
  /** Scores descending, no more than count. */
  detectionBoxes: Float64Array;
  /** `[detections, ranges of AREA_RANGES]`, row-major, written by `matchGroup`: see `FALSE_SHIFT`. */
  outcomes: Uint32Array;
  readonly scratch: Scratch;
}

interface Scratch {
  /** `[detections, objects]`. */
  overlaps: Float64Array;
  /** By detection, its largest overlap. */
  most: Float64Array;
  /** Positions of the objects, those that count in a range first. */
  order: Int32Array;
  /** By object, bit t: a detection has it at threshold t. */
  taken: Uint16Array;
}

export function emptyGroup(): MatchingGroup {
  const none = new Float64Array(0);
  return {
    objects: 0,
    objectBoxes: none,
    areas: none,
    marks: new Uint8Array(0),
    detections: 0,
    detectionBoxes: none,
    outcomes: new Uint32Array(0),
    scratch: { overlaps: none, most: none, order: new Int32Array(0), taken: new Uint16Array(0) },
  };
}

/** Sets how many there are, and makes room for them: what was in the group is lost. */
export function resizeGroup(group: MatchingGroup, objects: number, detections: number): void {
  const { scratch } = group;
  group.objects = objects;
  group.detections = detections;
  if (objects > group.areas.length) {
    const room = objects * 2;
    group.objectBoxes = new Float64Array(room * 4);
    group.areas = new Float64Array(room);
    group.marks = new Uint8Array(room);
    scratch.order = new Int32Array(room);
    scratch.taken = new Uint16Array(room);
  }
  if (detections > scratch.most.length) {
    const room = detections * 2;
    group.detectionBoxes = new Float64Array(room * 4);
    group.outcomes = new Uint32Array(room * RANGES);
    scratch.most = new Float64Array(room);
  }
  if (objects * detections > scratch.overlaps.length) scratch.overlaps = new Float64Array(objects * detections * 2);
}

/**
 * Matches detections to the objects of the same picture and category: each takes, best score first, the object that it
 * overlaps most among those not taken, objects that count before those that do not. A crowd can be taken often.
 *
 * As in pycocotools, a match with an object of id 0 takes that object and is counted as no match: its table of matches
 * holds ids, and 0 for none.
 */
export function matchGroup(group: MatchingGroup): void {
  measureOverlaps(group);
  for (let range = 0; range < RANGES; range++) matchInRange(group, range, orderObjects(group, range));
}

/** The same of records. @param outcomes as in `MatchingGroup`, written. */
export function matchDetections(
  objects: readonly CocoObject[],
  detections: readonly CocoScoredBox[],
  outcomes: Uint32Array,
): void {
  const group = emptyGroup();
  resizeGroup(group, objects.length, detections.length);
  objects.forEach((object, g) => {
    group.objectBoxes.set(object.bbox, g * 4);
    group.areas[g] = object.area;
    group.marks[g] = marksOf(object);
  });
  detections.forEach(({ bbox }, d) => {
    group.detectionBoxes.set(bbox, d * 4);
  });
  matchGroup(group);
  outcomes.set(group.outcomes.subarray(0, detections.length * RANGES));
}

function measureOverlaps({ objects, objectBoxes, marks, detections, detectionBoxes, scratch }: MatchingGroup): void {
  const { overlaps, most } = scratch;
  for (let d = 0; d < detections; d++) {
    const x = detectionBoxes[d * 4] ?? 0;
    const y = detectionBoxes[d * 4 + 1] ?? 0;
    const width = detectionBoxes[d * 4 + 2] ?? 0;
    const height = detectionBoxes[d * 4 + 3] ?? 0;
    let largest = 0;
    for (let g = 0; g < objects; g++) {
      const value = overlap(
        x,
        y,
        width,
        height,
        objectBoxes[g * 4] ?? 0,
        objectBoxes[g * 4 + 1] ?? 0,
        objectBoxes[g * 4 + 2] ?? 0,
        objectBoxes[g * 4 + 3] ?? 0,
        ((marks[g] ?? 0) & CROWD) !== 0,
      );
      overlaps[d * objects + g] = value;
      if (value > largest) largest = value;
    }
    most[d] = largest;
  }
}

/** Fills `order`: the objects that count in a range first, otherwise as they come. How many count. */
function orderObjects({ objects, areas, marks, scratch }: MatchingGroup, range: number): number {
  const { order, taken } = scratch;
  let counting = 0;
  for (let g = 0; g < objects; g++) {
    taken[g] = 0;
    if (((marks[g] ?? 0) & CROWD) === 0 && isInRange(areas[g] ?? 0, range)) order[counting++] = g;
  }
  let place = counting;
  if (counting === objects) return counting;
  for (let g = 0; g < objects; g++) {
    if (((marks[g] ?? 0) & CROWD) !== 0 || !isInRange(areas[g] ?? 0, range)) order[place++] = g;
  }
  return counting;
}

/** @param counting how many of the ordered objects count in the range. */
function matchInRange(group: MatchingGroup, range: number, counting: number): void {
  const { marks, detections, detectionBoxes, outcomes, scratch } = group;
  const { most, order, taken } = scratch;
  for (let d = 0; d < detections; d++) {
    const counts = isInRange((detectionBoxes[d * 4 + 2] ?? 0) * (detectionBoxes[d * 4 + 3] ?? 0), range);
    const largest = most[d] ?? 0;
    if (largest < LEAST_NEEDED) {
      outcomes[d * RANGES + range] = counts ? WRONG_EVERYWHERE : 0;
      continue;
    }
    let outcome = 0;
    for (let t = 0; t < NEEDED.length; t++) {
      const place = largest < (NEEDED[t] ?? 1) ? -1 : bestMatch(group, d, counting, t);
      if (place >= 0) {
        const g = order[place] ?? 0;
        taken[g] = (taken[g] ?? 0) | (1 << t);
        if (place >= counting) continue;
        if (((marks[g] ?? 0) & ID_ZERO) === 0) {
          outcome |= 1 << t;
          continue;
        }
      }
      if (counts) outcome |= 1 << (FALSE_SHIFT + t);
    }
    outcomes[d * RANGES + range] = outcome;
  }
}

/** Place in `order` of the free object with the largest overlap from the threshold up, -1 where there is none. */
function bestMatch({ objects, marks, scratch }: MatchingGroup, d: number, counting: number, threshold: number): number {
  const { overlaps, order, taken } = scratch;
  let best = NEEDED[threshold] ?? 1;
  let found = -1;
  for (let place = 0; place < objects; place++) {
    if (place >= counting && found >= 0 && found < counting) break;
    const g = order[place] ?? 0;
    if (((taken[g] ?? 0) >> threshold) & 1 && ((marks[g] ?? 0) & CROWD) === 0) continue;
    const value = overlaps[d * objects + g] ?? 0;
    if (value < best) continue;
    best = value;
    found = place;
  }
  return found;
}
