/** Counts of several processes as one's: they never go down, whichever process ends. */
import { type Family, mergeFamilies } from '../metric_families.js';

export interface SummedMetrics {
  /** What a process told last. */
  told(id: number, families: readonly Family[]): void;
  /** The process has ended: its counts go on counting, what it was at does not. */
  ended(id: number): void;
  /** @param answering those that told anew: of others the counts of before are taken. */
  sum(answering: ReadonlySet<number>): readonly Family[];
}

export function summedMetrics(): SummedMetrics {
  const last = new Map<number, readonly Family[]>();
  let past: readonly Family[] = [];
  return {
    told: (id, families) => void last.set(id, families),
    ended(id) {
      past = mergeFamilies([past, countsOf(last.get(id) ?? [])]);
      last.delete(id);
    },
    sum(answering) {
      const each = [...last].map(([id, families]) => (answering.has(id) ? families : countsOf(families)));
      // Those of now first: they say in which order families are told.
      return mergeFamilies([...each, past]);
    },
  };
}

function countsOf(families: readonly Family[]): readonly Family[] {
  return families.filter(({ type }) => type !== 'gauge');
}
