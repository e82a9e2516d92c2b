import { type TransferListItem, Worker, type WorkerOptions } from 'node:worker_threads';
import { onAbort } from '../../core/abort.js';
import { type ErrorParts, LowformerError } from '../../core/errors.js';
import { busyFlag } from './busy_threads.js';

/** What a thread receives. */
export interface WorkerRequest<Request> {
  readonly request: Request;
  /** 1 once nobody wants the answer any more: a request that has not begun is then answered without being run. */
  readonly withdrawn: Int32Array<SharedArrayBuffer>;
}

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

/** What a call is rejected with that had not begun when the thread ended by itself: it may be made to another thread. */
export class CallNotBegun extends Error {
  readonly reason: LowformerError;

  constructor(reason: LowformerError) {
    super(reason.message);
    this.reason = reason;
  }
}

export interface PreparedRequest<Request> {
  readonly request: Request;
  readonly transfer?: readonly TransferListItem[];
}

/**
 * Requests that a thread has at a time: one that runs and one that lies ready, so that the thread goes on at once when
 * this side is busy with something else at that moment.
 */
const HANDED_OVER = 2;

/** Calls to one thread, which runs them one at a time, in order. */
export interface WorkerCalls<Request, Answer> {
  /**
   * `prepare` is called when the call is handed over, shortly before its turn, so that a long queue holds no copies.
   * Rejects with `disposed` once closed. When the thread ends by itself the running call is rejected with
   * `engine-failure`, all others with `CallNotBegun`. Rejects with the signal's reason at once when aborted: a waiting
   * call is dropped, one that was handed over is not begun, and the reply to a running one is discarded.
   */
  call(prepare: () => PreparedRequest<Request>, signal?: AbortSignal): Promise<Answer>;
  /** Drops what waits, lets the running call end, sends `farewell`, stops the thread. Safe to repeat. */
  close(farewell: Request): Promise<void>;
}

interface Call<Request, Answer> {
  readonly prepare: () => PreparedRequest<Request>;
  readonly withdrawn: Int32Array<SharedArrayBuffer>;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Starts a thread, which keeps the process alive only while a call is under way.
 * It receives `WorkerRequest`s and answers each with one `WorkerReply`. Its `workerData` is an Int32Array, to be given to
 * `markIdle` after each reply and to `isEnding` before each request.
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
  const handedOver: ThisCall[] = [];
  let ended: LowformerError | undefined;
  let died = false;
  let closing: Promise<void> | undefined;

  const handOver = (): void => {
    while (handedOver.length < HANDED_OVER) {
      const call = waiting.shift();
      if (call === undefined) break;
      try {
        const { request, transfer = [] } = call.prepare();
        post({ request, withdrawn: call.withdrawn }, transfer);
        handedOver.push(call);
      } catch (error) {
        call.reject(error);
      }
    }
    if (handedOver.length > 0) worker.ref();
    else worker.unref();
  };
  const post = (message: WorkerRequest<Request>, transfer: readonly TransferListItem[]): void => {
    // Before the thread can have replied.
    busy.start();
    try {
      worker.postMessage(message, transfer);
    } catch (error) {
      busy.stop();
      throw error;
    }
  };
  const enqueue = (call: ThisCall): void => {
    waiting.push(call);
    handOver();
  };
  const rejectWaiting = (error: LowformerError | CallNotBegun): void => {
    for (const { reject } of waiting.splice(0)) reject(error);
  };
  const end = (cause: unknown): void => {
    busy.remove();
    if (ended === undefined) {
      ended = threadFailure(name, cause);
      died = true;
    }
    const [running, ...ready] = handedOver.splice(0);
    running?.reject(ended);
    waiting.unshift(...ready);
    rejectWaiting(died ? new CallNotBegun(ended) : ended);
  };

  worker.unref();
  worker.on('message', (reply: WorkerReply<Answer>) => {
    const call = handedOver.shift();
    if (reply.failure === undefined) call?.resolve(reply.answer);
    else call?.reject(new LowformerError(reply.failure));
    handOver();
  });
  worker.on('messageerror', (error) => {
    handedOver.shift()?.reject(threadFailure(name, error));
    handOver();
  });
  worker.on('error', end);
  worker.on('exit', (code) => end(new Error(`its thread ended with code ${code}`)));

  return {
    call(prepare, signal) {
      if (ended !== undefined) return Promise.reject(died ? new CallNotBegun(ended) : ended);
      if (signal?.aborted === true) return Promise.reject(signal.reason);
      return new Promise((resolve, reject) => {
        let off = () => {};
        const call: ThisCall = {
          prepare,
          withdrawn: notWithdrawn(),
          resolve(answer) {
            off();
            resolve(answer);
          },
          reject(reason) {
            off();
            reject(reason);
          },
        };
        const abort = () => {
          const place = waiting.indexOf(call);
          if (place >= 0) waiting.splice(place, 1);
          Atomics.store(call.withdrawn, 0, 1);
          reject(signal?.reason);
        };
        off = onAbort(signal, abort);
        enqueue(call);
      });
    },
    close(farewell) {
      closing ??= (async () => {
        const alive = ended === undefined;
        ended ??= disposed(name);
        rejectWaiting(ended);
        // The first of them runs.
        for (const call of handedOver.slice(1)) {
          Atomics.store(call.withdrawn, 0, 1);
          call.reject(ended);
        }
        // The farewell waits behind the running call, which ends as its caller expects.
        if (alive) {
          await new Promise<Answer>((resolve, reject) =>
            enqueue({ prepare: () => ({ request: farewell }), withdrawn: notWithdrawn(), resolve, reject }),
          ).catch(() => undefined);
        }
        await worker.terminate();
      })();
      return closing;
    },
  };
}

function notWithdrawn(): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
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
    hint: `It stopped: ${reason}`,
    cause,
  });
}
