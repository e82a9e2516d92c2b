/** The worker's side of `workerCalls`. */
import { LowformerError } from '../core/errors.js';
import type { Asked, Failure, Told } from './worker_protocol.js';

/** What answers one request; `tell` sends progress before. */
export type Answering<Request, Answer, Progress> = (
  request: Request,
  tell: (progress: Progress) => void,
) => Promise<{ readonly answer: Answer; readonly transfer?: Transferable[] }>;

/** Serves the page that started this worker: one call after the other, in order. */
export function answerCalls<Request, Answer, Progress = never>(work: Answering<Request, Answer, Progress>): void {
  let queue: Promise<unknown> = Promise.resolve();
  const send = (told: Told<Answer, Progress>, transfer: Transferable[] = []) => postMessage(told, { transfer });
  addEventListener('message', ({ data: { id, request } }: MessageEvent<Asked<Request>>) => {
    queue = queue.then(async () => {
      try {
        const { answer, transfer } = await work(request, (progress) => send({ id, kind: 'progress', progress }));
        send({ id, kind: 'answer', answer }, transfer);
      } catch (error) {
        send({ id, kind: 'failure', failure: failureOf(error) });
      }
    });
  });
  send({ kind: 'ready' });
}

function failureOf(error: unknown): Failure {
  if (error instanceof LowformerError) return { kind: 'mistake', parts: sendable(error) };
  return { kind: 'fault', message: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
}

/** Without what a message cannot carry. */
function sendable({ parts: { cause: _, ...parts } }: LowformerError): LowformerError['parts'] {
  try {
    return structuredClone(parts);
  } catch {
    return { ...parts, received: String(parts.received) };
  }
}
