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

/**
 * A check of one frame's tracks after another: the ids in the last one. A counter has a check of its own, whose set is used again.
 * @param where the counter, for errors.
 */
export function createTrackCheck(where: string) {
  const ids = new Set<number>();
  return {
    ids: ids satisfies ReadonlySet<number>,
    /** @throws {LowformerError} `invalid-argument` for a box or an id that cannot be counted. */
    check(tracks: readonly CountableTrack[]): void {
      ids.clear();
      for (let i = 0; i < tracks.length; i++) {
        const track = tracks[i];
        if (track === undefined) continue;
        const { trackId, box } = track;
        // The sum of finite numbers is finite, unless they are larger than any picture.
        if (!Number.isFinite(box[0] + box[1] + box[2] + box[3])) {
          throw wrong(where, `[${i}].box`, 'four finite numbers', box.join(', '));
        }
        if (!Number.isInteger(trackId)) throw wrong(where, `[${i}].trackId`, 'a whole number', trackId);
        if (ids.has(trackId)) throw wrong(where, `[${i}].trackId`, 'each once in a frame', trackId);
        ids.add(trackId);
      }
    },
  };
}

function wrong(where: string, place: string, expected: string, received: unknown): LowformerError {
  return new LowformerError({ code: 'invalid-argument', where: `${where}.update${place}`, expected, received });
}
