import type { Tensor } from '../core/tensor.js';
import { minimum, othersIn, takeTurns, timesOf } from '../measuring/timing/measure.js';
import { openSession } from './open_session.js';

const WARM_UP = 2;

export interface ModelTimes {
  /** Milliseconds, the least of all rounds. */
  readonly time: number;
  /** Milliseconds of processor time, the least of all runs. */
  readonly processor: number;
  /** How many times as fast as the first model. */
  readonly ratio: number;
  /** In the order of the model. */
  readonly outputs: readonly Tensor[];
  /** The most that other processes took of the processors during a round that counts. */
  readonly others: string;
}

/** ONNX files with one input, each a session of this process, which take turns. */
export async function modelsInTurns(
  models: readonly Uint8Array[],
  input: Tensor,
  rounds: number,
): Promise<readonly ModelTimes[]> {
  const running = [];
  for (const model of models) running.push({ session: await openSession(model), processor: Number.POSITIVE_INFINITY });
  const runs = running.map((own) => async () => {
    const before = process.cpuUsage();
    await own.session.run(input);
    const { user, system } = process.cpuUsage(before);
    own.processor = Math.min(own.processor, (user + system) / 1000);
  });
  const laps = await takeTurns(runs, { rounds, warmUp: WARM_UP });
  const first = minimum(timesOf(laps, 0));
  const results: ModelTimes[] = [];
  for (const [i, { session, processor }] of running.entries()) {
    const time = minimum(timesOf(laps, i));
    const outputs = await session.run(input);
    results.push({ time, processor, ratio: first / time, outputs, others: othersIn(laps) });
    await session.release();
  }
  return results;
}
