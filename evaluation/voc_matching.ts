/** Which detections of one picture and class find an object: MMDetection 3's `tpfp_default` and `bbox_overlaps`. */
import type { Box } from '../core/results.js';

/** What a detection counts as. Ignored is one whose best object is marked difficult: neither right nor wrong. */
export const Outcome = { ignored: 0, hit: 1, miss: 2 } as const;
export type Outcome = (typeof Outcome)[keyof typeof Outcome];

export interface MatchObject {
  readonly box: Box;
  readonly difficult?: boolean;
}

export interface MatchDetection {
  readonly box: Box;
  readonly score: number;
}

/**
 * Outcomes `[iouThresholds.length][detections.length]`, detections in the order given. Each looks at the one object that it
 * overlaps most (the first among equals, difficult ones last) and at no other: where a higher score has that object already,
 * it is a miss. Overlaps are float32 and the threshold is not, as in mmdet under NumPy 1: an IoU of 7/10 misses 0.7.
 */
export function matchDetections(
  objects: readonly MatchObject[],
  detections: readonly MatchDetection[],
  iouThresholds: readonly number[],
  legacyCoordinates: boolean,
): Outcome[][] {
  if (objects.length === 0) return iouThresholds.map(() => detections.map(() => Outcome.miss));
  const ordered = [...objects.filter((object) => !object.difficult), ...objects.filter((object) => object.difficult)];
  const boxes = ordered.map(({ box }) => float32Box(box, legacyCoordinates));
  const best = detections.map(({ box }) => bestOverlap(float32Box(box, legacyCoordinates), boxes));
  const byScore = detections.map((_, i) => i).sort((a, b) => (detections[b]?.score ?? 0) - (detections[a]?.score ?? 0));
  return iouThresholds.map((threshold) => {
    const outcomes = detections.map((): Outcome => Outcome.miss);
    const taken = new Set<number>();
    for (const i of byScore) {
      const { object, overlap } = best[i] ?? { object: 0, overlap: 0 };
      if (!(overlap >= threshold)) continue;
      if (ordered[object]?.difficult) outcomes[i] = Outcome.ignored;
      else if (!taken.has(object)) outcomes[i] = Outcome.hit;
      taken.add(object);
    }
    return outcomes;
  });
}

const { fround } = Math;

interface Float32Box {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
  readonly area: number;
  /** 1 where corners are pixels that belong to the box (Pascal VOC's own toolkit), else 0. */
  readonly extra: number;
}

function float32Box(box: Box, legacyCoordinates: boolean): Float32Box {
  const [x1, y1, x2, y2] = [fround(box[0]), fround(box[1]), fround(box[2]), fround(box[3])];
  const extra = legacyCoordinates ? 1 : 0;
  return { x1, y1, x2, y2, area: fround(extent(x1, x2, extra) * extent(y1, y2, extra)), extra };
}

function extent(start: number, end: number, extra: number): number {
  return fround(fround(end - start) + extra);
}

/** Every step rounded to float32, as NumPy does it: near a threshold the rounding decides. */
function bestOverlap(box: Float32Box, objects: readonly Float32Box[]): { object: number; overlap: number } {
  let best = { object: 0, overlap: -1 };
  objects.forEach((other, object) => {
    const width = extent(Math.max(box.x1, other.x1), Math.min(box.x2, other.x2), box.extra);
    const height = extent(Math.max(box.y1, other.y1), Math.min(box.y2, other.y2), box.extra);
    const intersection = fround(Math.max(width, 0) * Math.max(height, 0));
    const union = Math.max(fround(fround(box.area + other.area) - intersection), fround(1e-6));
    const overlap = fround(intersection / union);
    if (overlap > best.overlap) best = { object, overlap };
  });
  return best;
}
