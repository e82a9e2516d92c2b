/** Calls that come at about the same time share a run of the network. No Node API. */
import { z } from 'zod';
import { onAbort, untilAborted } from '../core/abort.js';
import { LowformerError } from '../core/errors.js';
import type { RgbImage } from '../core/frame.js';
import type { Result } from '../core/results.js';
import type { PredictOptions, StageTiming } from '../tasks/predictor.js';
import type { RunBatch } from './predict_many.js';
import { checkOptions } from './predict_options.js';
import { resultsOfEach } from './results_of_each.js';
import type { RunningModel } from './running_model.js';

export interface BatchingOptions {
  /** Pictures in one run of the network; 8 unless told otherwise. */
  readonly maxBatch?: number;
  /** Milliseconds that a call waits for others to share its run; 2 unless told otherwise. While as many batches run as keep the network busy, two of one session, it waits anyway. */
  readonly maxWait?: number;
  /** Calls that may wait; 1024 unless told otherwise. One more is refused. */
  readonly maxWaitingCalls?: number;
}

const schema = z.strictObject({
  maxBatch: z.int().positive().default(8),
  maxWait: z.number().nonnegative().max(60_000).default(2),
  maxWaitingCalls: z.int().positive().default(1024),
});

interface Call<R extends Result> {
  readonly image: RgbImage;
  readonly name: string;
  readonly options: PredictOptions;
  readonly since: number;
  readonly resolve: (result: R) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * The same model, for many callers at once, such as the requests of a server: calls of `predict` that wait at the same time
 * go through the network together, those of one picture size in one batch. Sizes are not mixed, since a detector pads a batch
 * to its largest picture and a result would depend on who else called. A call whose picture fails fails alone.
 *
 * `predictBatch` and `predictMany` with a `batchSize` above 1 run as they did. `onTiming` tells of the whole batch, `pictures`
 * how many shared it. An aborted call rejects at once, and its picture is left out if it still waits. Disposing of either
 * model disposes of both.
 * @throws {LowformerError} `invalid-argument` for options out of range; of a call `too-many-calls`, beside what `predict` throws.
 */
export function batching<R extends Result, Picture>(
  model: RunningModel<R, Picture>,
  options: BatchingOptions = {},
): RunningModel<R, Picture> {
  checkOptions(schema, options);
  const limits = schema.parse(options);
  return model.through((run, batchesAtOnce) => gathered(run, batchesAtOnce, limits));
}

function gathered<R extends Result>(
  run: RunBatch<R>,
  batchesAtOnce: number,
  { maxBatch, maxWait, maxWaitingCalls }: z.infer<typeof schema>,
): RunBatch<R> {
  /** By picture size. A list that nobody waits in is not kept: sizes are without number. */
  const lists = new Map<string, Call<R>[]>();
  let waiting = 0;
  let running = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  /** Starts what may start now, and is called again when the next call has waited long enough or a batch is done. */
  const start = (): void => {
    clearTimeout(timer);
    const now = performance.now();
    let soonest = Number.POSITIVE_INFINITY;
    // The list whose first call has waited longest comes first: a rare size waits no longer than others.
    const byAge = [...lists].sort(([, [a]], [, [b]]) => (a?.since ?? now) - (b?.since ?? now));
    for (const [size, calls] of byAge) {
      for (let left = waits(calls, now); left <= 0; left = waits(calls, now)) {
        if (running === batchesAtOnce) return;
        const members = calls.splice(0, maxBatch);
        waiting -= members.length;
        running++;
        void settle(members).finally(() => {
          running--;
          start();
        });
      }
      if (calls.length === 0) lists.delete(size);
      else soonest = Math.min(soonest, waits(calls, now));
    }
    if (soonest < Number.POSITIVE_INFINITY) timer = setTimeout(start, soonest);
  };

  /** Milliseconds that a list still waits for more. */
  const waits = (calls: readonly Call<R>[], now: number): number => {
    const [first] = calls;
    if (first === undefined) return Number.POSITIVE_INFINITY;
    return calls.length < maxBatch ? maxWait - (now - first.since) : 0;
  };

  const settle = async (members: readonly Call<R>[]): Promise<void> => {
    try {
      const results = await resultsOfEach(members, (some) => runTogether(some, run));
      for (const [i, { resolve, reject }] of members.entries()) {
        const result = results[i];
        if (result === undefined || result instanceof LowformerError) reject(result ?? new RangeError('no result'));
        else resolve(result);
      }
    } catch (error) {
      for (const { reject } of members) reject(error);
    }
  };

  const enter = (image: RgbImage, name: string, options: PredictOptions): Promise<R> => {
    if (waiting >= maxWaitingCalls) throw tooMany(maxWaitingCalls);
    const size = `${image.width}x${image.height}`;
    let leave = () => {};
    const result = new Promise<R>((resolve, reject) => {
      const calls = lists.get(size) ?? [];
      const call = { image, name, options, since: performance.now(), resolve, reject };
      calls.push(call);
      lists.set(size, calls);
      waiting++;
      leave = () => {
        const at = calls.indexOf(call);
        if (at < 0) return;
        calls.splice(at, 1);
        waiting--;
      };
    });
    start();
    const off = onAbort(options.signal, leave);
    return untilAborted(result, options.signal).finally(off);
  };

  return async (images, options = {}, names = []) => {
    options.signal?.throwIfAborted();
    const [image] = images;
    if (image === undefined || images.length > 1) return run(images, options, names);
    return [await enter(image, names[0] ?? 'picture', options)];
  };
}

/** One run; it is given up when nobody waits for it any more. */
async function runTogether<R extends Result>(calls: readonly Call<R>[], run: RunBatch<R>): Promise<readonly R[]> {
  const abandoned = new AbortController();
  let left = calls.length;
  const offs = calls.map(({ options: { signal } }) =>
    onAbort(signal, () => {
      left--;
      if (left === 0) abandoned.abort(signal?.reason);
    }),
  );
  const onTiming = (timing: StageTiming) => {
    for (const { options } of calls) options.onTiming?.(timing);
  };
  const images = calls.map(({ image }) => image);
  const names = calls.map(({ name }) => name);
  try {
    return await run(images, { signal: abandoned.signal, onTiming }, names);
  } finally {
    for (const off of offs) off();
  }
}

function tooMany(most: number): LowformerError {
  return new LowformerError({
    code: 'too-many-calls',
    where: 'batching',
    expected: `at most ${most} calls to wait`,
    hint: 'Wait for some of them first, or give a larger maxWaitingCalls.',
  });
}
