/** Always the newest: for sources that go on whether anybody keeps up or not. */
import type { Result } from '../core/results.js';
import type { ImageSource } from '../models/image_source.js';
import type { Outcome } from '../models/predict_many.js';
import type { PredictManyOptions } from '../models/predict_options.js';
import type { RunningModel } from '../models/running_model.js';

/**
 * Takes every frame as soon as it is there, and gives the newest when one is asked for; the others are dropped. A frame that
 * was given already is not given again: then the next one is waited for. What the source throws is thrown after its last
 * frame was given.
 */
export function newestOf<Frame>(frames: AsyncIterable<Frame>): AsyncIterableIterator<Frame, undefined, undefined> & {
  return(): Promise<IteratorResult<Frame, undefined>>;
} {
  const source = frames[Symbol.asyncIterator]();
  let newest: { readonly frame: Frame } | undefined;
  let end: { readonly failure?: unknown } | undefined;
  let started = false;
  let wake = () => {};

  const pump = async (): Promise<void> => {
    try {
      for (let step = await source.next(); step.done !== true && end === undefined; step = await source.next()) {
        newest = { frame: step.value };
        wake();
      }
      end ??= {};
    } catch (failure) {
      end ??= { failure };
    }
    wake();
  };

  return {
    async next() {
      if (!started) void pump();
      started = true;
      while (newest === undefined && end === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (newest !== undefined) {
        const { frame } = newest;
        newest = undefined;
        return { done: false, value: frame };
      }
      if (end !== undefined && 'failure' in end) {
        const { failure } = end;
        end = {};
        throw failure;
      }
      return { done: true, value: undefined };
    },
    async return() {
      newest = undefined;
      end = {};
      wake();
      // Of a generator that waits this is answered when it has its turn, which may be never.
      Promise.resolve(source.return?.()).catch(() => {});
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/**
 * Runs a model over whatever frame is the newest when it has time for one: a result is as old as the network takes, and at
 * most the time between two frames more. `predictMany` keeps the network busier, and is some frames behind.
 * @param frames as they come; those of `framesOf` are handed over and not copied.
 * @param options `batchSize` counts windows, with `slices`: frames are run one by one.
 * @returns an outcome for each frame that was run, in their order; `index` counts them.
 * @throws what `frames` throws, and whatever is no fault of a single frame.
 */
export async function* predictNewest<R extends Result, Frame extends ImageSource>(
  model: RunningModel<R, ImageSource>,
  frames: AsyncIterable<Frame>,
  options: PredictManyOptions = {},
): AsyncGenerator<Outcome<R, Frame>, void, undefined> {
  let index = 0;
  for await (const frame of newestOf(frames)) {
    for await (const outcome of model.predictMany([frame], options)) yield { ...outcome, index: index++ };
  }
}
