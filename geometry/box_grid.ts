/** Which boxes may overlap a box, without asking all: squares of a grid, each with the boxes that touch it. */

export interface BoxGrid {
  /** Visits every box that may overlap the one at `index`, itself among them, each once, in no order that is promised. */
  near(index: number, visit: (other: number) => void): void;
}

/**
 * A square is as large as an average box, and so large that there are no more squares than boxes.
 * @param boxes `[count, 4]` as x1, y1, x2, y2, finite
 */
export function createBoxGrid(boxes: Float32Array): BoxGrid {
  const count = boxes.length / 4;
  let [left, top] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  let [right, bottom] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let sides = 0;
  for (let at = 0; at < boxes.length; at += 4) {
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = boxes.subarray(at, at + 4);
    left = Math.min(left, x1);
    top = Math.min(top, y1);
    right = Math.max(right, x2);
    bottom = Math.max(bottom, y2);
    sides += Math.max(0, x2 - x1) + Math.max(0, y2 - y1);
  }
  const extent = Math.max(right - left, bottom - top);
  const side = Math.max(sides / (2 * count), extent / Math.sqrt(count), Number.MIN_VALUE);
  const columns = Math.max(1, Math.ceil((right - left) / side));
  const rows = Math.max(1, Math.ceil((bottom - top) / side));
  const squareOf = (position: number, start: number, most: number) =>
    Math.min(Math.max(Math.floor((position - start) / side), 0), most - 1);

  /** Calls for each square that a box touches. */
  const squares = (index: number, call: (square: number) => void): void => {
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = boxes.subarray(4 * index, 4 * index + 4);
    const lastColumn = squareOf(x2, left, columns);
    const lastRow = squareOf(y2, top, rows);
    for (let row = squareOf(y1, top, rows); row <= lastRow; row++) {
      for (let column = squareOf(x1, left, columns); column <= lastColumn; column++) call(row * columns + column);
    }
  };

  // The members of all squares as one list, and where each square's start.
  const starts = new Uint32Array(columns * rows + 1);
  for (let i = 0; i < count; i++) {
    squares(i, (square) => {
      starts[square + 1] = (starts[square + 1] ?? 0) + 1;
    });
  }
  for (let i = 1; i < starts.length; i++) starts[i] = (starts[i] ?? 0) + (starts[i - 1] ?? 0);
  const members = new Uint32Array(starts[starts.length - 1] ?? 0);
  const filled = starts.slice();
  for (let i = 0; i < count; i++) {
    squares(i, (square) => {
      const place = filled[square] ?? 0;
      members[place] = i;
      filled[square] = place + 1;
    });
  }

  const visitedFor = new Int32Array(count).fill(-1);
  return {
    near(index, visit) {
      squares(index, (square) => {
        for (let at = starts[square] ?? 0; at < (starts[square + 1] ?? 0); at++) {
          const other = members[at] ?? 0;
          if (visitedFor[other] === index) continue;
          visitedFor[other] = index;
          visit(other);
        }
      });
    },
  };
}
