/** Runs of a network for pictures: what is asked of a prediction, how long its parts took, whose an error is. */
import { LowformerError } from '../core/errors.js';
import type { RgbImage } from '../core/frame.js';
import type { Result } from '../core/results.js';
import type { Tensor, Tensors } from '../core/tensor.js';

/** What runs the network: an `Engine` is one. */
export interface Runner {
  /** @param options.given the inputs are read by nobody afterwards: their memory may be taken over. */
  run(
    inputs: Tensors,
    options?: {
      readonly signal?: AbortSignal;
      readonly given?: boolean;
      readonly onRun?: (milliseconds: number) => void;
    },
  ): Promise<Tensors>;
}

export interface PredictOptions {
  readonly signal?: AbortSignal;
  /** Called once a batch, when its results are there. */
  readonly onTiming?: (timing: StageTiming) => void;
}

/** Milliseconds of a batch by stage. */
export interface StageTiming {
  readonly pictures: number;
  /** Resize, pad, normalise. */
  readonly prepare: number;
  /** By itself where the engine tells, else with the time in its queue. */
  readonly network: number;
  readonly decode: number;
}

/**
 * Runs pictures of any sizes; results in their order.
 * @param names what errors call the pictures; where there are none, an error that is a picture's does not name it.
 * @throws {LowformerError} for a picture that cannot be prepared, `not-a-number` for one that the network gave NaN for,
 *   and what the runner throws.
 */
export type Predict = (
  images: readonly RgbImage[],
  options?: PredictOptions,
  names?: readonly string[],
) => Promise<readonly Result[]>;

interface Spent {
  network: number;
  waiting: number;
  /** When the first run began, as `performance.now()` says. */
  begun: number | undefined;
}

/** Runs of the network, timed: by itself where the engine tells, and the whole time that was waited for it. */
export function timedRuns(runner: Runner, options: PredictOptions, name: string | undefined) {
  const spent: Spent = { network: 0, waiting: 0, begun: undefined };
  /** Runs that overlap are waited for once. */
  let [running, since] = [0, 0];
  /** The inputs are given away: nobody may read them afterwards. */
  const run = async (input: Tensor, others: Tensors = {}): Promise<Tensors> => {
    const start = performance.now();
    spent.begun ??= start;
    if (running++ === 0) since = start;
    let alone: number | undefined;
    const onRun = (milliseconds: number) => {
      alone = milliseconds;
    };
    const outputs = await runner
      .run({ input, ...others }, { ...signalOf(options), given: true, onRun })
      .catch((error: unknown) => {
        throw error instanceof LowformerError && error.code === 'out-of-memory' ? named(error, name) : error;
      })
      .finally(() => {
        if (--running === 0) spent.waiting += performance.now() - since;
      });
    spent.network += alone ?? performance.now() - start;
    return outputs;
  };
  return { run, spent };
}

/** Whether the network gave NaN for a picture. */
export function isNan(error: unknown): boolean {
  return error instanceof LowformerError && error.code === 'not-a-number';
}

/** An error of a picture, with its name before it. */
export function named(error: unknown, name: string | undefined): unknown {
  return error instanceof LowformerError && name !== undefined ? error.at(`${name}: ${error.path}`) : error;
}

function signalOf({ signal }: PredictOptions): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
