/** Regions of a label map, found run by run: memory goes by how many runs there are, not by pixels. */
import type { LabelMap } from '../core/frame.js';

/** Runs of one label within a row, in the order of their first pixels. */
export interface LabelRegions {
  /** Where each run begins, as a place in the map; then the map's length. */
  readonly starts: Uint32Array;
  /** For each run the number of its region: that of its first run. */
  readonly regions: Uint32Array;
}

/**
 * Regions are pixels of one label that share edges (4-connected).
 * @param map of fewer than 2^32 pixels.
 */
export function labelRegions({ width, labels }: Pick<LabelMap, 'width' | 'labels'>): LabelRegions {
  const starts = runStarts(width, labels);
  const count = starts.length - 1;
  const regions = new Uint32Array(count);
  const root = (run: number): number => {
    let top = run;
    while (regions[top] !== top) top = regions[top] ?? top;
    for (let one = run; one !== top; ) {
      const next = regions[one] ?? top;
      regions[one] = top;
      one = next;
    }
    return top;
  };
  // The first run above that ends beyond the start of the one at hand.
  let above = 0;
  for (let run = 0; run < count; run++) {
    regions[run] = run;
    const [start, end] = [starts[run] ?? 0, starts[run + 1] ?? 0];
    if (start < width) continue;
    while ((starts[above + 1] ?? 0) <= start - width) above++;
    for (let other = above; (starts[other] ?? 0) < end - width; other++) {
      if (labels[starts[other] ?? 0] !== labels[start]) continue;
      const [a, b] = [root(other), root(run)];
      regions[Math.max(a, b)] = Math.min(a, b);
    }
  }
  for (let run = 0; run < count; run++) regions[run] = root(run);
  return { starts, regions };
}

function runStarts(width: number, labels: Uint8Array | Uint16Array): Uint32Array {
  let count = 0;
  for (let at = 0; at < labels.length; at++) if (begins(width, labels, at)) count++;
  const starts = new Uint32Array(count + 1);
  for (let at = 0, run = 0; at < labels.length; at++) if (begins(width, labels, at)) starts[run++] = at;
  starts[count] = labels.length;
  return starts;
}

const begins = (width: number, labels: Uint8Array | Uint16Array, at: number): boolean =>
  at % width === 0 || labels[at] !== labels[at - 1];
