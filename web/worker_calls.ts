import { LowformerError } from '../core/errors.js';
import type { Asked, Failure, Told } from './worker_protocol.js';

/** A fault in a worker, or of the way there. */
export class WorkerError extends Error {
  override readonly name = 'WorkerError';
}

export interface WorkerCalls<Request, Answer, Progress> {
  /** Resolves when the worker's program runs. @throws {WorkerError} where it could not be loaded. */
  readonly ready: Promise<void>;
  /** @throws {LowformerError} what the worker throws, `disposed` where it was stopped. @throws {WorkerError} */
  call(request: Request, options?: CallOptions<Progress>): Promise<Answer>;
  /** Ends the worker at once, whatever it does; calls under way fail. Frees all its memory. */
  stop(): void;
}

export interface CallOptions<Progress> {
  /** Handed over instead of copied: the caller cannot use them any more. */
  readonly transfer?: Transferable[];
  readonly onProgress?: (progress: Progress) => void;
}

interface Waiting<Answer, Progress> {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
  readonly onProgress: ((progress: Progress) => void) | undefined;
}

/** Calls to a worker that `answerCalls` serves. */
export function workerCalls<Request, Answer, Progress = never>(worker: Worker): WorkerCalls<Request, Answer, Progress> {
  const waiting = new Map<number, Waiting<Answer, Progress>>();
  let next = 0;
  let ended: Error | undefined;
  const { promise: ready, resolve: begin, reject: refuse } = promised();
  // Whoever does not ask whether it is ready hears of it by the first call.
  ready.catch(() => {});
  const end = (error: Error) => {
    ended ??= error;
    refuse(error);
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  worker.addEventListener('message', ({ data }: MessageEvent<Told<Answer, Progress>>) => {
    if (data.kind === 'ready') return begin();
    const call = waiting.get(data.id);
    if (data.kind === 'progress') return call?.onProgress?.(data.progress);
    waiting.delete(data.id);
    if (data.kind === 'answer') call?.resolve(data.answer);
    else call?.reject(errorOf(data.failure));
  });
  worker.addEventListener('error', ({ message }) => {
    const reason = message === undefined || message === '' ? 'its program could not be loaded' : message;
    end(new WorkerError(`The worker that runs networks has stopped: ${reason}.`));
  });
  return {
    ready,
    call: (request, { transfer = [], onProgress } = {}) =>
      new Promise((resolve, reject) => {
        if (ended !== undefined) return reject(ended);
        const id = next++;
        waiting.set(id, { resolve, reject, onProgress });
        worker.postMessage({ id, request } satisfies Asked<Request>, transfer);
      }),
    stop() {
      worker.terminate();
      end(new LowformerError({ code: 'disposed', where: 'model', expected: 'a model that is not disposed of' }));
    },
  };
}

function errorOf(failure: Failure): Error {
  return failure.kind === 'mistake' ? new LowformerError(failure.parts) : new WorkerError(failure.message);
}

/** `Promise.withResolvers`, which browsers have since 2024. */
function promised() {
  let resolve = (): void => {};
  let reject = (_: Error): void => {};
  const promise = new Promise<void>((fulfil, refuse) => {
    resolve = fulfil;
    reject = refuse;
  });
  return { promise, resolve, reject };
}
