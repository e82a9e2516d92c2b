/** Two classes of which one was taken for the other. */
export interface ConfusedPair {
  /** Positions in the matrix. */
  readonly is: number;
  readonly taken: number;
  readonly count: number;
  /** Of all that is so. */
  readonly share: number;
}

/** All that occur, most first. @param matrix rows: what is there; columns: what was found; the last of each is none. */
export function confusedPairs(matrix: readonly (readonly number[])[]): readonly ConfusedPair[] {
  const last = matrix.length - 1;
  return matrix
    .slice(0, last)
    .flatMap((row, is) => {
      const sum = row.reduce((total, count) => total + count, 0);
      return row
        .slice(0, last)
        .flatMap((count, taken) => (count === 0 || taken === is ? [] : [{ is, taken, count, share: count / sum }]));
    })
    .sort((a, b) => b.count - a.count || b.share - a.share);
}
