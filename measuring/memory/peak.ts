import type { MeasuringOptions, Surroundings } from '../head.js';
import type { Side } from '../networks/sessions.js';
import { megabytes, sizeName } from '../presentation/format.js';
import type { Memory } from '../record.js';
import { entrantName, sideKey } from '../results.js';
import { measureMemory } from './estimate.js';

/** Peak memory of sides at batch sizes, as far as it was measured. */
export interface PeakMemory {
  /** @throws {LowformerError} where the memory is not enough; the signal's reason when aborted. */
  measure(sides: readonly Side[], batches: readonly number[]): Promise<void>;
  at(side: Side, batch: number): Memory | undefined;
}

/** One process after the other; what each comes to is said. */
export function peakMemory(
  { engine, threads, precision, fastMath }: MeasuringOptions,
  { signal, log }: Surroundings,
): PeakMemory {
  const found = new Map<string, Memory>();
  const key = (side: Side, batch: number) => `${sideKey(side)} ${batch}`;
  const measureOne = async (side: Side, batch: number) => {
    const { network, device } = side.entrant;
    const { checkpoint, checkpointKey, ...subject } = network.subject;
    const memory = await measureMemory(
      {
        ...subject,
        ...(checkpoint === undefined ? {} : { checkpoint }),
        ...(checkpointKey === undefined ? {} : { checkpointKey }),
        ...(threads === undefined ? {} : { threads }),
        size: side.size,
        batch,
        engine,
        device,
        precision,
        fastMath,
      },
      signal,
    );
    found.set(key(side, batch), memory);
    const where = `${entrantName(side.entrant)}, ${sizeName(side.size)} x ${batch}`;
    log.say(`${where}: ${megabytes(memory.peak_bytes)} MB at most`);
  };
  return {
    async measure(sides, batches) {
      for (const side of sides) for (const batch of batches) await measureOne(side, batch);
    },
    at: (side, batch) => found.get(key(side, batch)),
  };
}
