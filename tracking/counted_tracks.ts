/** What is counted, and counts by class. */
import { LowformerError } from '../core/errors.js';
import type { Box } from '../core/results.js';

/** What a counter asks of a track; what a tracker gives back has it. */
export interface CountableTrack {
  readonly trackId: number;
  /** Pixels of the frame. */
  readonly box: Box;
  /** undefined: without a class. */
  readonly classIndex?: number | undefined;
}

/** Objects of each class that has any; undefined stands for those without one. */
export type ClassCounts = ReadonlyMap<number | undefined, number>;

export function createClassCounts() {
  const byClass = new Map<number | undefined, number>();
  let total = 0;
  return {
    /** As they are now. */
    byClass: (): ClassCounts => new Map(byClass),
    total: () => total,
    add(classIndex: number | undefined): void {
      byClass.set(classIndex, (byClass.get(classIndex) ?? 0) + 1);
      total++;
    },
    clear(): void {
      byClass.clear();
      total = 0;
    },
  };
}

/** @returns the ids. @throws {LowformerError} `invalid-argument` for a box or an id that cannot be counted. */
export function checkTracks(where: string, tracks: readonly CountableTrack[]): ReadonlySet<number> {
  const ids = new Set<number>();
  tracks.forEach(({ trackId, box }, i) => {
    const wrong = (key: string, expected: string, received: unknown) =>
      new LowformerError({ code: 'invalid-argument', where: `${where}.update[${i}].${key}`, expected, received });
    if (!box.every(Number.isFinite)) throw wrong('box', 'four finite numbers', box.join(', '));
    if (!Number.isInteger(trackId)) throw wrong('trackId', 'a whole number', trackId);
    if (ids.has(trackId)) throw wrong('trackId', 'each once in a frame', trackId);
    ids.add(trackId);
  });
  return ids;
}
