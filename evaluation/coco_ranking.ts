/** The detections of one category in the order in which COCO counts them, and picture by picture. */
import type { RankedOutcomes } from './coco_curves.js';
import { AREA_RANGES } from './coco_parameters.js';
import type { CocoDetectionTable } from './coco_tables.js';
import { createScoreSorter } from './row_order.js';

/** Columns are as long as the longest category so far: the first `length` numbers count. */
export interface RankedDetections extends RankedOutcomes {
  /** By place, the row of the table. */
  readonly rows: Uint32Array;
  /** How many pictures have detections. */
  readonly groups: number;
  /** Where the places of each such picture begin in `members`, pictures ascending. */
  readonly groupStarts: Uint32Array;
  /** How many places of each count. */
  readonly groupLengths: Uint32Array;
  /** Places picture by picture, those of one best score first. */
  readonly members: Uint32Array;
}

/** The same memory for one category after another. @param most detections of a picture and category that count. */
export function createRanking(
  { pictures, scores }: CocoDetectionTable,
  most: number,
): (rows: Uint32Array) => RankedDetections {
  const sort = createScoreSorter();
  let columns = emptyColumns(0);
  let groupOf = new Uint32Array(0);
  let given = new Float64Array(0);

  return (rows) => {
    const { length } = rows;
    if (length > given.length) {
      columns = emptyColumns(length);
      groupOf = new Uint32Array(length);
      given = new Float64Array(length);
    }
    const { groupStarts, groupLengths } = columns;
    let groups = 0;
    let last = -1;
    for (let j = 0; j < length; j++) {
      const row = rows[j] ?? 0;
      const picture = pictures[row] ?? 0;
      if (picture !== last) {
        groupStarts[groups] = j;
        groupLengths[groups++] = 0;
        last = picture;
      }
      groupOf[j] = groups - 1;
      given[j] = scores[row] ?? 0;
    }
    const order = sort(given, length);
    let place = 0;
    for (let i = 0; i < length; i++) {
      const j = order[i] ?? 0;
      const group = groupOf[j] ?? 0;
      const rank = groupLengths[group] ?? 0;
      if (rank >= most) continue;
      groupLengths[group] = rank + 1;
      columns.members[(groupStarts[group] ?? 0) + rank] = place;
      columns.rows[place] = rows[j] ?? 0;
      columns.scores[place] = given[j] ?? 0;
      columns.ranks[place++] = rank;
    }
    return { ...columns, length: place, groups };
  };
}

function emptyColumns(length: number) {
  return {
    rows: new Uint32Array(length),
    scores: new Float64Array(length),
    ranks: new Uint32Array(length),
    outcomes: new Uint32Array(length * AREA_RANGES.length),
    groupStarts: new Uint32Array(length),
    groupLengths: new Uint32Array(length),
    members: new Uint32Array(length),
  };
}
