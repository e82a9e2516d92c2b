/** Which detections of one category in one picture count as right: `evaluateImg` and `bbIou` of pycocotools 2.0.11. */
import { AREA_RANGES, IOU_THRESHOLDS } from './coco_parameters.js';
import type { CocoBbox, CocoObject, CocoScoredBox } from './coco_records.js';

/** Bit `t` of an outcome: right at overlap threshold `t`. Bit `FALSE_SHIFT + t`: wrong. Neither: it does not count. */
export const FALSE_SHIFT = 16;

const WRONG_EVERYWHERE = ((1 << IOU_THRESHOLDS.length) - 1) << FALSE_SHIFT;

/** The overlap that a match needs, held below 1 so that equal boxes pass whatever the rounding. */
const NEEDED = Float64Array.from(IOU_THRESHOLDS, (threshold) => Math.min(threshold, 1 - 1e-10));
const LEAST_NEEDED = Math.min(...NEEDED);

/**
 * Intersection over union of two boxes in pixels; with a crowd, the share of the detection inside it.
 * 0 where they only touch. The sums are in maskApi's order, so that the last bit is the same.
 */
export function cocoOverlap(detection: CocoBbox, object: CocoBbox, crowd: boolean): number {
  const width = Math.min(detection[2] + detection[0], object[2] + object[0]) - Math.max(detection[0], object[0]);
  if (width <= 0) return 0;
  const height = Math.min(detection[3] + detection[1], object[3] + object[1]) - Math.max(detection[1], object[1]);
  if (height <= 0) return 0;
  const intersection = width * height;
  const area = detection[2] * detection[3];
  return intersection / (crowd ? area : area + object[2] * object[3] - intersection);
}

/** Whether the object does not count in a range of sizes: detections may match it, to no effect. */
export function isIgnored(object: CocoObject, rangeIndex: number): boolean {
  return Boolean(object.iscrowd) || isOutside(object.area, rangeIndex);
}

function isOutside(area: number, rangeIndex: number): boolean {
  const { from, to } = AREA_RANGES[rangeIndex] ?? AREA_RANGES[0];
  return area < from || area > to;
}

/**
 * Matches detections to the objects of the same picture and category: each takes, best score first, the object that it
 * overlaps most among those not taken, objects that count before those that do not. A crowd can be taken often.
 *
 * @param objects in the order of the annotations: of equal overlaps the later object wins.
 * @param detections scores descending, no more than count.
 * @param outcomes `[detections, ranges of AREA_RANGES]`, row-major, written: see `FALSE_SHIFT`.
 *
 * As in pycocotools, a match with an object of id 0 takes that object and is counted as no match: its table of matches
 * holds ids, and 0 for none.
 */
export function matchDetections(
  objects: readonly CocoObject[],
  detections: readonly CocoScoredBox[],
  outcomes: Uint32Array,
): void {
  if (objects.length === 0) markUnmatched(detections, outcomes);
  else matchToObjects(objects, detections, outcomes);
}

function markUnmatched(detections: readonly CocoScoredBox[], outcomes: Uint32Array): void {
  let at = 0;
  for (const { bbox } of detections) {
    const area = bbox[2] * bbox[3];
    for (let range = 0; range < AREA_RANGES.length; range++) {
      outcomes[at++] = isOutside(area, range) ? 0 : WRONG_EVERYWHERE;
    }
  }
}

function matchToObjects(
  objects: readonly CocoObject[],
  detections: readonly CocoScoredBox[],
  outcomes: Uint32Array,
): void {
  const count = objects.length;
  const crowd = Uint8Array.from(objects, ({ iscrowd }) => Number(iscrowd ?? 0));
  const overlaps = new Float64Array(detections.length * count);
  const most = new Float64Array(detections.length);
  detections.forEach(({ bbox }, d) => {
    objects.forEach((object, g) => {
      const overlap = cocoOverlap(bbox, object.bbox, crowd[g] === 1);
      overlaps[d * count + g] = overlap;
      most[d] = Math.max(most[d] ?? 0, overlap);
    });
  });

  for (let range = 0; range < AREA_RANGES.length; range++) {
    const { order, counting } = countingFirst(objects, range);
    const taken = new Uint16Array(count);
    detections.forEach(({ bbox }, d) => {
      const unmatched = isOutside(bbox[2] * bbox[3], range) ? 0 : 1 << FALSE_SHIFT;
      let outcome = 0;
      for (let t = 0; t < NEEDED.length; t++) {
        const place =
          (most[d] ?? 0) < LEAST_NEEDED ? -1 : bestMatch(overlaps, d * count, order, counting, taken, crowd, t);
        const g = order[place] ?? -1;
        if (place >= 0) taken[g] = (taken[g] ?? 0) | (1 << t);
        if (place >= counting) continue;
        outcome |= (place >= 0 && objects[g]?.id !== 0 ? 1 : unmatched) << t;
      }
      outcomes[d * AREA_RANGES.length + range] = outcome;
    });
  }
}

/** Positions of the objects, those that count first, otherwise as they come; and how many count. */
function countingFirst(objects: readonly CocoObject[], range: number) {
  const ignored = objects.map((object) => isIgnored(object, range));
  const positions = [...objects.keys()];
  const first = positions.filter((g) => !ignored[g]);
  return { order: Int32Array.from([...first, ...positions.filter((g) => ignored[g])]), counting: first.length };
}

/** Place in `order` of the free object with the largest overlap from the threshold up, -1 where there is none. */
function bestMatch(
  overlaps: Float64Array,
  row: number,
  order: Int32Array,
  counting: number,
  taken: Uint16Array,
  crowd: Uint8Array,
  threshold: number,
): number {
  let best = NEEDED[threshold] ?? 1;
  let found = -1;
  for (let place = 0; place < order.length; place++) {
    if (place >= counting && found >= 0 && found < counting) break;
    const g = order[place] ?? 0;
    if (((taken[g] ?? 0) >> threshold) & 1 && crowd[g] === 0) continue;
    const overlap = overlaps[row + g] ?? 0;
    if (overlap < best) continue;
    best = overlap;
    found = place;
  }
  return found;
}
