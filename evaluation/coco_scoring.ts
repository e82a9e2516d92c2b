/** From tables of objects and detections to COCO's curves, category by category. */
import { type CocoCurves, createCurveWriter, emptyCurves } from './coco_curves.js';
import {
  emptyGroup,
  isInRange,
  type MatchingGroup,
  matchGroup,
  resizeGroup,
  WRONG_EVERYWHERE,
} from './coco_matching.js';
import { AREA_RANGES, type MaxDetections } from './coco_parameters.js';
import { createRanking, type RankedDetections } from './coco_ranking.js';
import { type CocoDetectionTable, type CocoObjectTable, CROWD } from './coco_tables.js';
import { type GroupedRows, groupRows } from './row_order.js';

const RANGES = AREA_RANGES.length;

/** How many pictures and categories the tables count. */
export interface CocoExtent {
  readonly pictures: number;
  readonly categories: number;
}

/**
 * Detections are sorted once, by category and score: of equal scores by picture, then as they come, the order of
 * pycocotools' `accumulate`. Overlaps are taken once and serve all ranges of sizes and all thresholds. Memory: 8 bytes a
 * row, and 80 for each detection of the most frequent category.
 */
export function cocoCurves(
  extent: CocoExtent,
  objects: CocoObjectTable,
  detections: CocoDetectionTable,
  maxDetections: MaxDetections,
): CocoCurves {
  const curves = emptyCurves(extent.categories, maxDetections);
  const write = createCurveWriter(curves, maxDetections);
  const objectRows = byCategory(objects, extent);
  const detectionRows = byCategory(detections, extent);
  const rank = createRanking(detections, maxDetections[2]);
  const group = emptyGroup();
  for (let category = 0; category < extent.categories; category++) {
    const truths = rowsOf(objectRows, category);
    const ranked = rank(rowsOf(detectionRows, category));
    matchCategory(group, { objects, truths, detections, ranked });
    write(category, ranked, countPositives(objects, truths));
  }
  return curves;
}

/** Rows by category, then picture, then as they come. */
function byCategory(
  { length, pictures, categories }: CocoObjectTable | CocoDetectionTable,
  extent: CocoExtent,
): GroupedRows {
  const { rows } = groupRows(pictures, length, extent.pictures);
  return groupRows(categories, length, extent.categories, rows);
}

function rowsOf({ rows, starts }: GroupedRows, category: number): Uint32Array {
  return rows.subarray(starts[category] ?? 0, starts[category + 1] ?? 0);
}

/** How many objects count, by range of sizes. */
function countPositives({ areas, marks }: CocoObjectTable, truths: Uint32Array): Float64Array {
  const positives = new Float64Array(RANGES);
  for (const row of truths) {
    if (((marks[row] ?? 0) & CROWD) !== 0) continue;
    for (let range = 0; range < RANGES; range++) {
      if (isInRange(areas[row] ?? 0, range)) positives[range] = (positives[range] ?? 0) + 1;
    }
  }
  return positives;
}

interface CategoryRows {
  readonly objects: CocoObjectTable;
  /** The category's rows of `objects`, picture by picture. */
  readonly truths: Uint32Array;
  readonly detections: CocoDetectionTable;
  readonly ranked: RankedDetections;
}

/** Writes `ranked.outcomes`. */
function matchCategory(group: MatchingGroup, { objects, truths, detections, ranked }: CategoryRows): void {
  let from = 0;
  for (let g = 0; g < ranked.groups; g++) {
    const start = ranked.groupStarts[g] ?? 0;
    const members = { start, end: start + (ranked.groupLengths[g] ?? 0) };
    const picture = detections.pictures[ranked.rows[ranked.members[start] ?? 0] ?? 0] ?? 0;
    while (from < truths.length && (objects.pictures[truths[from] ?? 0] ?? 0) < picture) from++;
    let to = from;
    while (to < truths.length && objects.pictures[truths[to] ?? 0] === picture) to++;
    if (from === to) {
      markUnmatched(detections, ranked, members);
      continue;
    }
    fillGroup(group, { objects, truths: truths.subarray(from, to), detections, ranked }, members);
    matchGroup(group);
    for (let i = members.start; i < members.end; i++) {
      const at = (ranked.members[i] ?? 0) * RANGES;
      for (let range = 0; range < RANGES; range++) {
        ranked.outcomes[at + range] = group.outcomes[(i - members.start) * RANGES + range] ?? 0;
      }
    }
    from = to;
  }
}

/** From `start` to before `end` in `RankedDetections.members`. */
interface Members {
  readonly start: number;
  readonly end: number;
}

function markUnmatched({ boxes }: CocoDetectionTable, ranked: RankedDetections, { start, end }: Members): void {
  for (let i = start; i < end; i++) {
    const place = ranked.members[i] ?? 0;
    const box = (ranked.rows[place] ?? 0) * 4;
    const area = (boxes[box + 2] ?? 0) * (boxes[box + 3] ?? 0);
    for (let range = 0; range < RANGES; range++) {
      ranked.outcomes[place * RANGES + range] = isInRange(area, range) ? WRONG_EVERYWHERE : 0;
    }
  }
}

function fillGroup(
  group: MatchingGroup,
  { objects, truths, detections, ranked }: CategoryRows,
  members: Members,
): void {
  resizeGroup(group, truths.length, members.end - members.start);
  for (let g = 0; g < truths.length; g++) {
    const row = truths[g] ?? 0;
    copyBox(objects.boxes, row, group.objectBoxes, g);
    group.areas[g] = objects.areas[row] ?? 0;
    group.marks[g] = objects.marks[row] ?? 0;
  }
  for (let i = members.start; i < members.end; i++) {
    copyBox(detections.boxes, ranked.rows[ranked.members[i] ?? 0] ?? 0, group.detectionBoxes, i - members.start);
  }
}

function copyBox(from: Float64Array, row: number, to: Float64Array, place: number): void {
  for (let i = 0; i < 4; i++) to[place * 4 + i] = from[row * 4 + i] ?? 0;
}
