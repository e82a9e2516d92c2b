/** Processor time of this process, all its threads, run by run: what a busy machine lengthens least. */
import { median } from '../measuring/timing/measure.js';

export interface ProcessorTimes {
  /** The same run, whose processor time is noted under a contestant's number. */
  timed(contestant: number, run: () => Promise<unknown>): () => Promise<void>;
  /** Milliseconds, of a contestant's runs after so many. */
  median(contestant: number, after: number): number;
}

/** None noted yet. */
export function processorTimes(): ProcessorTimes {
  const spent = new Map<number, number[]>();
  return {
    timed: (contestant, run) => async () => {
      const before = process.cpuUsage();
      await run();
      const { user, system } = process.cpuUsage(before);
      spent.set(contestant, [...(spent.get(contestant) ?? []), (user + system) / 1000]);
    },
    median: (contestant, after) => median((spent.get(contestant) ?? []).slice(after)),
  };
}
