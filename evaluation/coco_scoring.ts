/** From tables of objects and detections to COCO's curves, category by category. */

import { createCurveWriter } from './coco_curve_writer.js';
import { type CocoCurves, emptyCurves } from './coco_curves.js';
import {
  hasCandidates,
  type MatchingGroup,
  matchGroup,
  matchingGroup,
  measureOverlaps,
  resizedGroup,
} from './coco_matching.js';
import { AREA_RANGES, type MaxDetections } from './coco_parameters.js';
import { createRanking, HAS_CANDIDATES, type RankedDetections } from './coco_ranking.js';
import { type CocoDetectionTable, type CocoObjectTable, countingRanges, rangesOf } from './coco_tables.js';
import { type GroupedRows, groupRows } from './row_order.js';

const RANGES = AREA_RANGES.length;

/** How many pictures and categories the tables count. */
export interface CocoExtent {
  readonly pictures: number;
  readonly categories: number;
}

/**
 * Detections are sorted once, by category and score: of equal scores by picture, then as they come, the order of
 * pycocotools' `accumulate`. Overlaps are taken once and serve all ranges of sizes and all thresholds. Memory: 9 bytes a
 * row, and 90 for each detection of the most frequent category.
 */
export function cocoCurves(
  extent: CocoExtent,
  objects: CocoObjectTable,
  detections: CocoDetectionTable,
  maxDetections: MaxDetections,
): CocoCurves {
  const curves = emptyCurves(extent.categories, maxDetections);
  const objectRows = byCategory(objects, extent);
  const detectionRows = byCategory(detections, extent);
  const longest = longestRun(detectionRows.starts);
  const counting = objects.areas.map((area, row) => countingRanges(area, objects.marks[row] ?? 0));
  const rank = createRanking(detections, kindsOf(detections), { longest, most: maxDetections[2] });
  const write = createCurveWriter(curves, maxDetections, longest);
  let group = matchingGroup(16, 128);
  for (let category = 0; category < extent.categories; category++) {
    const truths = rowsOf(objectRows, category);
    const ranked = rank(rowsOf(detectionRows, category));
    group = matchCategory(group, { objects, counting, truths, detections, ranked });
    write(category, ranked, countPositives(counting, truths));
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

function longestRun(starts: Uint32Array): number {
  return starts.reduce((longest, start, i) => Math.max(longest, start - (starts[i - 1] ?? 0)), 0);
}

/** By row, the ranges of sizes in which a detection counts if it matches nothing. */
function kindsOf({ length, boxes }: CocoDetectionTable): Uint8Array {
  const kinds = new Uint8Array(length);
  for (let row = 0; row < length; row++) kinds[row] = rangesOf((boxes[row * 4 + 2] ?? 0) * (boxes[row * 4 + 3] ?? 0));
  return kinds;
}

/** How many objects count, by range of sizes. */
function countPositives(counting: ArrayLike<number>, truths: Uint32Array): Float64Array {
  const positives = new Float64Array(RANGES);
  for (const row of truths) {
    for (let range = 0; range < RANGES; range++) {
      positives[range] = (positives[range] ?? 0) + (((counting[row] ?? 0) >> range) & 1);
    }
  }
  return positives;
}

interface CategoryRows {
  readonly objects: CocoObjectTable;
  /** By row of `objects`, the ranges in which it counts. */
  readonly counting: ArrayLike<number>;
  /** The category's rows of `objects`, picture by picture. */
  readonly truths: Uint32Array;
  readonly detections: CocoDetectionTable;
  readonly ranked: RankedDetections;
}

/** Writes `outcomes` of `ranked`, and `kinds` where detections have candidates. Gives the memory for the next category. */
function matchCategory(memory: MatchingGroup, category: CategoryRows): MatchingGroup {
  const { objects, truths, ranked } = category;
  const { groupPictures, groupStarts, groupLengths } = ranked;
  let group = memory;
  let g = 0;
  for (let from = 0, to = 0; from < truths.length; from = to) {
    const picture = objects.pictures[truths[from] ?? 0] ?? 0;
    do to++;
    while (to < truths.length && objects.pictures[truths[to] ?? 0] === picture);
    while (g < ranked.groups && (groupPictures[g] ?? 0) < picture) g++;
    if (g === ranked.groups || groupPictures[g] !== picture) continue;
    group = resizedGroup(group, to - from, groupLengths[g] ?? 0);
    fillObjects(group, category, from);
    fillDetections(group, category, groupStarts[g] ?? 0);
    if (!measureOverlaps(group)) continue;
    matchGroup(group);
    keepOutcomes(group, ranked, groupStarts[g] ?? 0);
  }
  return group;
}

function fillObjects(group: MatchingGroup, { objects, counting, truths }: CategoryRows, from: number): void {
  for (let g = 0; g < group.objects; g++) {
    const row = truths[from + g] ?? 0;
    copyBox(objects.boxes, row, group.objectBoxes, g);
    group.marks[g] = objects.marks[row] ?? 0;
    group.counting[g] = counting[row] ?? 0;
  }
}

function fillDetections(group: MatchingGroup, { detections, ranked }: CategoryRows, start: number): void {
  for (let d = 0; d < group.detections; d++) {
    copyBox(detections.boxes, ranked.rows[ranked.members[start + d] ?? 0] ?? 0, group.detectionBoxes, d);
  }
}

function copyBox(from: Float64Array, row: number, to: Float64Array, place: number): void {
  for (let i = 0; i < 4; i++) to[place * 4 + i] = from[row * 4 + i] ?? 0;
}

function keepOutcomes(group: MatchingGroup, { members, kinds, outcomes }: RankedDetections, start: number): void {
  for (let d = 0; d < group.detections; d++) {
    if (!hasCandidates(group, d)) continue;
    const place = members[start + d] ?? 0;
    kinds[place] = HAS_CANDIDATES;
    for (let range = 0; range < RANGES; range++) {
      outcomes[place * RANGES + range] = group.outcomes[d * RANGES + range] ?? 0;
    }
  }
}
