import type { Asked, Failure, Told } from './worker_protocol.js';

/** What went wrong in a worker. */
export class WorkerError extends Error {
  override readonly name = 'WorkerError';
  readonly mistake: boolean;

  constructor({ message, mistake }: Failure) {
    super(message);
    this.mistake = mistake;
  }
}

export interface WorkerCalls<Request, Answer, Progress> {
  /** @throws {WorkerError} what the worker throws, or that it was stopped. */
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
  readonly reject: (error: WorkerError) => void;
  readonly onProgress: ((progress: Progress) => void) | undefined;
}

/** Calls to a worker that `answerCalls` serves. */
export function workerCalls<Request, Answer, Progress = never>(worker: Worker): WorkerCalls<Request, Answer, Progress> {
  const waiting = new Map<number, Waiting<Answer, Progress>>();
  let next = 0;
  const failAll = (failure: Failure) => {
    for (const { reject } of waiting.values()) reject(new WorkerError(failure));
    waiting.clear();
  };
  worker.addEventListener('message', ({ data }: MessageEvent<Told<Answer, Progress>>) => {
    const call = waiting.get(data.id);
    if (data.kind === 'progress') {
      call?.onProgress?.(data.progress);
      return;
    }
    waiting.delete(data.id);
    if (data.kind === 'answer') call?.resolve(data.answer);
    else call?.reject(new WorkerError(data.failure));
  });
  worker.addEventListener('error', ({ message }) => {
    const reason = message === undefined || message === '' ? 'its program could not be loaded' : message;
    failAll({ message: `The worker that runs networks has stopped: ${reason}.`, mistake: false });
  });
  return {
    call: (request, { transfer = [], onProgress } = {}) =>
      new Promise((resolve, reject) => {
        const id = next++;
        waiting.set(id, { resolve, reject, onProgress });
        worker.postMessage({ id, request } satisfies Asked<Request>, transfer);
      }),
    stop() {
      worker.terminate();
      failAll({ message: 'It was stopped.', mistake: true });
    },
  };
}
