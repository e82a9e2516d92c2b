import { type TransferListItem, Worker, type WorkerOptions } from 'node:worker_threads';
import { type ErrorParts, LowformerError } from '../core/errors.js';
import { busyFlag } from './busy_threads.js';

/** What a thread sends back: an answer, or what went wrong in a form that can be cloned. */
export type WorkerReply<Answer> =
  | { readonly answer: Answer; readonly failure?: undefined }
  | { readonly answer?: undefined; readonly failure: ErrorParts };

/** Thrown inside the thread: the parts of an error that reach the other side whole, where a cloned class would not. */
export class WorkerFailure extends Error {
  readonly parts: ErrorParts;

  constructor(parts: ErrorParts) {
    super(parts.expected);
    this.parts = parts;
  }
}

export interface PreparedRequest<Request> {
  readonly request: Request;
  readonly transfer?: readonly TransferListItem[];
}

/** Calls to one thread: one at a time, in order. */
export interface WorkerCalls<Request, Answer> {
  /**
   * `prepare` is called when the call's turn comes, so that a call that waits holds no copy of its data.
   * Rejects with `disposed` once closed, with `engine-failure` when the thread ends by itself, and with the signal's
   * reason at once when aborted: a waiting call is dropped, the reply to a running one is discarded when it comes.
   */
  call(prepare: () => PreparedRequest<Request>, signal?: AbortSignal): Promise<Answer>;
  /** Drops what waits, lets the running call end, sends `farewell`, stops the thread. Safe to repeat. */
  close(farewell: Request): Promise<void>;
}

interface Call<Request, Answer> {
  readonly prepare: () => PreparedRequest<Request>;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Starts a thread, which keeps the process alive only while a call is under way.
 * Its `workerData` is an Int32Array, to be given to `markIdle` after each reply.
 * @param name what messages call the thread.
 */
export function workerCalls<Request, Answer>(
  name: string,
  program: string | URL,
  options: WorkerOptions = {},
): WorkerCalls<Request, Answer> {
  type ThisCall = Call<Request, Answer>;
  const busy = busyFlag();
  const worker = new Worker(program, { ...options, name, workerData: busy.memory });
  const waiting: ThisCall[] = [];
  let running: ThisCall | undefined;
  let ended: LowformerError | undefined;
  let closing: Promise<void> | undefined;

  const next = (): void => {
    for (running = waiting.shift(); running !== undefined; running = waiting.shift()) {
      try {
        const { request, transfer = [] } = running.prepare();
        // Before the thread can have replied.
        busy.start();
        worker.postMessage(request, transfer);
        worker.ref();
        return;
      } catch (error) {
        busy.stop();
        running.reject(error);
      }
    }
    worker.unref();
  };
  const enqueue = (call: ThisCall): void => {
    waiting.push(call);
    if (running === undefined) next();
  };
  const rejectWaiting = (error: LowformerError): void => {
    for (const { reject } of waiting.splice(0)) reject(error);
  };
  const end = (cause: unknown): void => {
    busy.remove();
    ended ??= threadFailure(name, cause);
    rejectWaiting(ended);
    running?.reject(ended);
    running = undefined;
  };

  worker.unref();
  worker.on('message', (reply: WorkerReply<Answer>) => {
    if (reply.failure === undefined) running?.resolve(reply.answer);
    else running?.reject(new LowformerError(reply.failure));
    next();
  });
  worker.on('messageerror', (error) => {
    running?.reject(threadFailure(name, error));
    next();
  });
  worker.on('error', end);
  worker.on('exit', (code) => end(new Error(`its thread ended with code ${code}`)));

  return {
    call(prepare, signal) {
      if (ended !== undefined) return Promise.reject(ended);
      if (signal?.aborted === true) return Promise.reject(signal.reason);
      return new Promise((resolve, reject) => {
        const call: ThisCall = {
          prepare,
          resolve(answer) {
            signal?.removeEventListener('abort', abort);
            resolve(answer);
          },
          reject(reason) {
            signal?.removeEventListener('abort', abort);
            reject(reason);
          },
        };
        const abort = () => {
          const place = waiting.indexOf(call);
          if (place >= 0) waiting.splice(place, 1);
          reject(signal?.reason);
        };
        signal?.addEventListener('abort', abort, { once: true });
        enqueue(call);
      });
    },
    close(farewell) {
      closing ??= (async () => {
        const alive = ended === undefined;
        ended ??= disposed(name);
        rejectWaiting(ended);
        // The farewell waits behind the running call, which ends as its caller expects.
        if (alive) {
          await new Promise<Answer>((resolve, reject) =>
            enqueue({ prepare: () => ({ request: farewell }), resolve, reject }),
          ).catch(() => undefined);
        }
        await worker.terminate();
      })();
      return closing;
    },
  };
}

function disposed(name: string): LowformerError {
  return new LowformerError({ code: 'disposed', where: name, expected: 'an engine in use, this one was disposed' });
}

function threadFailure(name: string, cause: unknown): LowformerError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new LowformerError({
    code: 'engine-failure',
    where: name,
    expected: 'the engine to stay alive',
    hint: `It stopped: ${reason}. Load the model again`,
    cause,
  });
}
