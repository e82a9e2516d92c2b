import { onAbort } from '../../core/abort.js';
import { LowformerError } from '../../core/errors.js';
import type { OpenChannel } from './channel.js';

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
  readonly transfer?: readonly ArrayBuffer[];
}

/**
 * Requests that a thread has at a time: one that runs and one that lies ready, so that the thread goes on at once when
 * this side is busy with something else at that moment.
 */
const HANDED_OVER = 2;

/** Calls to one thread, which runs them one at a time, in order. */
export interface WorkerCalls<Request, Answer> {
  /**
   * `prepare` is called when the call is handed over, shortly before its turn, so that a long queue holds no copies. It is
   * told whether the call begins at once: one that does not may be prepared again for another thread, and has to keep
   * what it is made from.
   * Rejects with `disposed` once closed. When the thread ends by itself the running call is rejected with
   * `engine-failure`, all others with `CallNotBegun`. Rejects with the signal's reason at once when aborted: a waiting
   * call is dropped, one that was handed over is not begun, and the reply to a running one is discarded.
   */
  call(prepare: (atOnce: boolean) => PreparedRequest<Request>, signal?: AbortSignal): Promise<Answer>;
  /** Drops what waits, lets the running call end, sends `farewell`, stops the thread. Safe to repeat. */
  close(farewell: Request): Promise<void>;
}

interface Call<Request, Answer> {
  readonly prepare: (atOnce: boolean) => PreparedRequest<Request>;
  readonly withdrawn: Int32Array;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Opens a channel, which keeps the process alive only while a call is under way.
 * @param name what messages call the other end.
 */
export function workerCalls<Request, Answer>(
  name: string,
  open: OpenChannel<Request, Answer>,
): WorkerCalls<Request, Answer> {
  type ThisCall = Call<Request, Answer>;
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
        const { request, transfer = [] } = call.prepare(handedOver.length === 0);
        channel.post({ request, withdrawn: call.withdrawn }, transfer);
        handedOver.push(call);
      } catch (error) {
        call.reject(error);
      }
    }
    channel.hold(handedOver.length > 0);
  };
  const enqueue = (call: ThisCall): void => {
    waiting.push(call);
    handOver();
  };
  const rejectWaiting = (error: LowformerError | CallNotBegun): void => {
    for (const { reject } of waiting.splice(0)) reject(error);
  };
  const end = (cause: unknown): void => {
    if (ended === undefined) {
      ended = threadFailure(name, cause);
      died = true;
    }
    const [running, ...ready] = handedOver.splice(0);
    running?.reject(ended);
    waiting.unshift(...ready);
    rejectWaiting(died ? new CallNotBegun(ended) : ended);
  };

  const channel = open(name, {
    onReply(reply) {
      const call = handedOver.shift();
      if (reply.failure === undefined) call?.resolve(reply.answer);
      else call?.reject(new LowformerError(reply.failure));
      handOver();
    },
    onUnreadable(cause) {
      handedOver.shift()?.reject(threadFailure(name, cause));
      handOver();
    },
    onEnd: end,
    onReplaced() {
      waiting.unshift(...handedOver.splice(0));
      handOver();
    },
  });

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
        await channel.terminate();
      })();
      return closing;
    },
  };
}

function notWithdrawn(): Int32Array {
  // A page that is not isolated shares no memory.
  if (typeof SharedArrayBuffer === 'undefined') return new Int32Array(1);
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
