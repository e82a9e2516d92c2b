import { threadLimit } from '../../engines/index.js';
import { describeMachine } from './machine.js';
import type { Head } from './record.js';

export interface MeasuringOptions {
  readonly engine: string;
  readonly threads: number | undefined;
  readonly rounds: number;
  readonly warmUp: number;
}

/** Date, machine and settings, as every record opens. `complete` is still to be said. */
export async function recordHead({
  engine,
  threads,
  rounds,
  warmUp,
}: MeasuringOptions): Promise<Omit<Head, 'complete'>> {
  return {
    date: new Date().toISOString(),
    machine: await describeMachine(),
    settings: { engine, threads: threads ?? threadLimit().threads, rounds, warm_up: warmUp },
  };
}
