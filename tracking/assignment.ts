/**
 * The assignment problem: pairs of rows and columns of the smallest total cost, exactly. Shortest augmenting paths, as
 * Jonker and Volgenant (Computing 38, 1987) have them for square matrices and Crouse (IEEE Transactions on Aerospace and
 * Electronic Systems 52, 2016) for all: the algorithm of scipy's `linear_sum_assignment`, which equal costs follow too.
 */

/** A dearer pair counts as this much above the limit, whatever it costs: ByteTrack in `supervision` 0.30. */
const ABOVE_LIMIT = 1e-4;

/** Assigns again and again in the same memory. */
export interface Assignment {
  /** Column of each row, -1 for a row without one; valid until the next `assign`. */
  readonly columnOfRow: Int32Array;
  /** Row of each column, -1 for a column without one; valid until the next `assign`. */
  readonly rowOfColumn: Int32Array;
  /**
   * Pairs rows and columns so that the sum of the costs is the smallest, each row and each column in one pair at most.
   * A pair that costs more than `limit` is none: such pairs all count the same, and so are left for last.
   * @param costs row-major, `rows * columns` of them at the front; not NaN.
   */
  assign(costs: Float64Array, rows: number, columns: number, limit: number): void;
}

/** Memory that grows with the largest matrix it was given. */
export function createAssignment(): Assignment {
  let columnOfRow = new Int32Array(0);
  let rowOfColumn = new Int32Array(0);
  // The problem that is solved: without rows and columns that have no pair, and turned over where it has more rows than columns.
  let compact = new Float64Array(0);
  let rowsLeft = new Int32Array(0);
  let columnsLeft = new Int32Array(0);
  let matchOfRow = new Int32Array(0);
  let matchOfColumn = new Int32Array(0);
  let rowPotential = new Float64Array(0);
  let columnPotential = new Float64Array(0);
  let distance = new Float64Array(0);
  let cameFrom = new Int32Array(0);
  let remaining = new Int32Array(0);
  let rowSeen = new Uint8Array(0);
  let columnSeen = new Uint8Array(0);

  const grow = (rows: number, columns: number) => {
    if (columnOfRow.length < rows) columnOfRow = new Int32Array(rows * 2);
    if (rowOfColumn.length < columns) rowOfColumn = new Int32Array(columns * 2);
    if (rowsLeft.length < rows) rowsLeft = new Int32Array(rows * 2);
    if (columnsLeft.length < columns) columnsLeft = new Int32Array(columns * 2);
    if (compact.length < rows * columns) compact = new Float64Array(rows * columns * 2);
    const few = Math.min(rows, columns);
    const many = Math.max(rows, columns);
    if (rowPotential.length < few) {
      rowPotential = new Float64Array(few * 2);
      matchOfRow = new Int32Array(few * 2);
      rowSeen = new Uint8Array(few * 2);
    }
    if (columnPotential.length < many) {
      columnPotential = new Float64Array(many * 2);
      matchOfColumn = new Int32Array(many * 2);
      distance = new Float64Array(many * 2);
      cameFrom = new Int32Array(many * 2);
      remaining = new Int32Array(many * 2);
      columnSeen = new Uint8Array(many * 2);
    }
  };

  /** Of `compact`, `[few, many]`, few <= many: to `matchOfRow` and `matchOfColumn`. */
  const solve = (few: number, many: number): void => {
    matchOfRow.fill(-1, 0, few);
    matchOfColumn.fill(-1, 0, many);
    rowPotential.fill(0, 0, few);
    columnPotential.fill(0, 0, many);
    for (let start = 0; start < few; start++) {
      distance.fill(Number.POSITIVE_INFINITY, 0, many);
      rowSeen.fill(0, 0, few);
      columnSeen.fill(0, 0, many);
      // Last column first: which of equally near columns is taken is scipy's choice.
      for (let i = 0; i < many; i++) remaining[i] = many - i - 1;
      let left = many;
      let row = start;
      let reached = 0;
      let end = -1;
      while (end < 0) {
        rowSeen[row] = 1;
        const base = reached - (rowPotential[row] ?? 0);
        const at = row * many;
        let nearest = Number.POSITIVE_INFINITY;
        let place = 0;
        for (let i = 0; i < left; i++) {
          const column = remaining[i] ?? 0;
          const through = base + (compact[at + column] ?? 0) - (columnPotential[column] ?? 0);
          let shortest = distance[column] ?? 0;
          if (through < shortest) {
            distance[column] = through;
            cameFrom[column] = row;
            shortest = through;
          }
          // Of several, one that is free ends the search.
          if (shortest < nearest || (shortest === nearest && (matchOfColumn[column] ?? 0) < 0)) {
            nearest = shortest;
            place = i;
          }
        }
        reached = nearest;
        const column = remaining[place] ?? 0;
        columnSeen[column] = 1;
        remaining[place] = remaining[--left] ?? 0;
        const taker = matchOfColumn[column] ?? 0;
        if (taker < 0) end = column;
        else row = taker;
      }
      for (let i = 0; i < few; i++) {
        if (rowSeen[i] !== 1) continue;
        const way = i === start ? 0 : (distance[matchOfRow[i] ?? 0] ?? 0);
        rowPotential[i] = (rowPotential[i] ?? 0) + reached - way;
      }
      for (let j = 0; j < many; j++) {
        if (columnSeen[j] === 1) columnPotential[j] = (columnPotential[j] ?? 0) - (reached - (distance[j] ?? 0));
      }
      for (let column = end, from = -1; from !== start; ) {
        from = cameFrom[column] ?? 0;
        matchOfColumn[column] = from;
        const before = matchOfRow[from] ?? 0;
        matchOfRow[from] = column;
        column = before;
      }
    }
  };

  /** Rows and columns with a cost within the limit, to `rowsLeft` and `columnsLeft`: how many. */
  const reduce = (costs: Float64Array, rows: number, columns: number, limit: number): readonly [number, number] => {
    let left = 0;
    // Its marks are made anew by every problem.
    columnsLeft.fill(0, 0, columns);
    for (let i = 0, at = 0; i < rows; i++) {
      let has = false;
      for (let j = 0; j < columns; j++, at++) {
        if ((costs[at] ?? 0) > limit) continue;
        has = true;
        columnsLeft[j] = 1;
      }
      if (has) rowsLeft[left++] = i;
    }
    let across = 0;
    for (let j = 0; j < columns; j++) if (columnsLeft[j] === 1) columnsLeft[across++] = j;
    return [left, across];
  };

  return {
    get columnOfRow() {
      return columnOfRow;
    },
    get rowOfColumn() {
      return rowOfColumn;
    },
    assign(costs, rows, columns, limit) {
      grow(rows, columns);
      columnOfRow.fill(-1, 0, rows);
      rowOfColumn.fill(-1, 0, columns);
      // Those without a pair within the limit get none, and change no other's.
      const [left, across] = reduce(costs, rows, columns, limit);
      if (left === 0) return;
      const turned = left > across;
      for (let i = 0, at = 0; i < left; i++) {
        const from = (rowsLeft[i] ?? 0) * columns;
        for (let j = 0; j < across; j++, at++) {
          const cost = costs[from + (columnsLeft[j] ?? 0)] ?? 0;
          compact[turned ? j * left + i : at] = cost > limit ? limit + ABOVE_LIMIT : cost;
        }
      }
      solve(Math.min(left, across), Math.max(left, across));
      const match = turned ? matchOfColumn : matchOfRow;
      for (let i = 0; i < left; i++) {
        const place = match[i] ?? -1;
        if (place < 0) continue;
        const [row, column] = [rowsLeft[i] ?? 0, columnsLeft[place] ?? 0];
        if ((costs[row * columns + column] ?? 0) > limit) continue;
        columnOfRow[row] = column;
        rowOfColumn[column] = row;
      }
    },
  };
}
