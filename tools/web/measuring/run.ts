import { workerCalls } from '../../../web/worker_calls.js';
import {
  type Cost,
  type MeasuringAnswer,
  type MeasuringProgress,
  type MeasuringSettings,
  WARM_UP,
} from './protocol.js';
import { type Machine, type WebRecord, webRecord } from './record.js';

export interface RunListeners {
  readonly onStatus: (line: string) => void;
  /** Told after each round that counts, with all rounds so far. */
  readonly onRecord: (record: WebRecord) => void;
}

export interface MeasuringRun {
  /** Resolves at the end, also when it was stopped. @throws {LowformerError | WorkerError} */
  readonly finished: Promise<void>;
  /** Ends it; the rounds until then have been told. */
  readonly stop: () => void;
}

/** Measures in a worker of its own, which is gone afterwards with all its memory. */
export function startRun(
  settings: MeasuringSettings,
  machine: Machine,
  { onStatus, onRecord }: RunListeners,
): MeasuringRun {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'measuring' });
  const calls = workerCalls<MeasuringSettings, MeasuringAnswer, MeasuringProgress>(worker);
  const rounds: (readonly [number, number])[] = [];
  let costs: readonly [Cost, Cost] | undefined;
  let stopped = false;
  const onProgress = (progress: MeasuringProgress) => {
    switch (progress.kind) {
      case 'opening':
        return onStatus(`opening ${progress.config}`);
      case 'opened':
        costs = progress.costs;
        return onStatus('warming up');
      case 'warm-up':
        return onStatus(`warming up, ${progress.done} of ${WARM_UP}`);
      case 'round':
        rounds.push(progress.times);
        onStatus(`round ${rounds.length} of ${settings.rounds}`);
        if (costs !== undefined) onRecord(webRecord(settings, costs, rounds, machine));
    }
  };
  const finished = calls
    .call(settings, { onProgress })
    .then(
      () => onStatus('done'),
      (error: unknown) => {
        onStatus(stopped ? 'stopped' : '');
        if (!stopped) throw error;
      },
    )
    .finally(calls.stop);
  return {
    finished,
    stop() {
      stopped = true;
      calls.stop();
    },
  };
}
