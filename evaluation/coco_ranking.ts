/** The detections of one category in the order in which COCO counts them, and picture by picture. */
import { AREA_RANGES } from './coco_parameters.js';
import type { CocoDetectionTable } from './coco_tables.js';
import { createScoreSorter } from './row_order.js';

/** In `RankedDetections.kinds`: a detection that overlaps an object enough for the lowest threshold. */
export const HAS_CANDIDATES = 1 << AREA_RANGES.length;

/** Memory for one category after another: the first `length` places of the columns and the first `groups` count. */
export interface RankedDetections {
  length: number;
  /** By place, best score first: the row of the table. */
  readonly rows: Uint32Array;
  readonly scores: Float64Array;
  /** Place among the detections of its picture, from 0, best score first. */
  readonly ranks: Uint32Array;
  /** `HAS_CANDIDATES`, or bit by bit the ranges of sizes in which it is wrong at every threshold. */
  readonly kinds: Uint8Array;
  /** `[length, ranges of AREA_RANGES]`, row-major, where it has candidates: see `FALSE_SHIFT` in coco_matching. */
  readonly outcomes: Uint32Array;
  /** How many pictures have detections. */
  groups: number;
  /** By group its picture, ascending. */
  readonly groupPictures: Uint32Array;
  /** Where the places of a group begin in `members`, and how many of it count. */
  readonly groupStarts: Uint32Array;
  readonly groupLengths: Uint32Array;
  /** Places group by group, those of one best score first. */
  readonly members: Uint32Array;
}

/**
 * Ranks the detections of one category: `rows` are its rows, picture by picture.
 * @param kinds by row of the table, the ranges in which its box lies.
 * @param longest how many rows the largest category has.
 * @param most detections of a picture and category that count.
 */
export function createRanking(
  { pictures, scores }: CocoDetectionTable,
  kinds: Uint8Array,
  { longest, most }: { readonly longest: number; readonly most: number },
): (rows: Uint32Array) => RankedDetections {
  const sort = createScoreSorter(longest);
  const groupOf = new Uint32Array(longest);
  const given = new Float64Array(longest);
  const ranked: RankedDetections = {
    length: 0,
    rows: new Uint32Array(longest),
    scores: new Float64Array(longest),
    ranks: new Uint32Array(longest),
    kinds: new Uint8Array(longest),
    outcomes: new Uint32Array(longest * AREA_RANGES.length),
    groups: 0,
    groupPictures: new Uint32Array(longest),
    groupStarts: new Uint32Array(longest),
    groupLengths: new Uint32Array(longest),
    members: new Uint32Array(longest),
  };

  return (rows) => {
    gather(scores, rows, given);
    ranked.groups = splitByPicture(pictures, rows, groupOf, ranked);
    ranked.length = rankWithin(sort(given, rows.length), { rows, given, groupOf, kinds, most }, ranked);
    return ranked;
  };
}

function gather(scores: Float64Array, rows: Uint32Array, given: Float64Array): void {
  for (let i = 0; i < rows.length; i++) given[i] = scores[rows[i] ?? 0] ?? 0;
}

/** Fills the groups; by position among `rows`, its group. How many groups there are. */
function splitByPicture(
  pictures: Uint32Array,
  rows: Uint32Array,
  groupOf: Uint32Array,
  { groupPictures, groupStarts, groupLengths }: RankedDetections,
): number {
  let groups = 0;
  let last = -1;
  for (let i = 0; i < rows.length; i++) {
    const picture = pictures[rows[i] ?? 0] ?? 0;
    if (picture !== last) {
      groupPictures[groups] = picture;
      groupStarts[groups] = i;
      groupLengths[groups] = 0;
      groups++;
      last = picture;
    }
    groupOf[i] = groups - 1;
  }
  return groups;
}

interface Unranked {
  readonly rows: Uint32Array;
  readonly given: Float64Array;
  readonly groupOf: Uint32Array;
  readonly kinds: Uint8Array;
  readonly most: number;
}

/** Fills the columns from positions by descending score. How many count. */
function rankWithin(order: Uint32Array, unranked: Unranked, ranked: RankedDetections): number {
  const { rows, given, groupOf, kinds, most } = unranked;
  const { groupStarts, groupLengths, members, ranks, scores } = ranked;
  let place = 0;
  for (let i = 0; i < rows.length; i++) {
    const position = order[i] ?? 0;
    const group = groupOf[position] ?? 0;
    const rank = groupLengths[group] ?? 0;
    if (rank >= most) continue;
    const row = rows[position] ?? 0;
    groupLengths[group] = rank + 1;
    members[(groupStarts[group] ?? 0) + rank] = place;
    ranked.rows[place] = row;
    ranked.kinds[place] = kinds[row] ?? 0;
    scores[place] = given[position] ?? 0;
    ranks[place] = rank;
    place++;
  }
  return place;
}
