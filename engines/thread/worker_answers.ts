/** Both ends of what a thread is asked: the loop inside it, and the check of what it answers. */
import { parentPort, type TransferListItem, workerData } from 'node:worker_threads';
import { type ErrorParts, LowformerError } from '../../core/errors.js';
import type { Tensors } from '../../core/tensor.js';
import { isEnding, markIdle } from './busy_threads.js';
import { WorkerFailure, type WorkerReply, type WorkerRequest } from './worker_calls.js';

export interface AnswerOptions<Request, Answer> {
  /** What messages call the thread. */
  readonly where: string;
  readonly answer: (request: Request) => Promise<Answer>;
  /** Memory that changes hands with the answer, without a copy. */
  readonly transfer: (answer: Answer) => readonly TransferListItem[];
  /** What an error that is no `WorkerFailure` means. */
  readonly failure: (error: unknown) => ErrorParts;
}

/** Inside a thread of `workerCalls`: answers one request after the other, and none that is no longer wanted. */
export function answerRequests<Request, Answer>(options: AnswerOptions<Request, Answer>): void {
  const { where, answer, transfer, failure } = options;
  const flag = workerData instanceof Int32Array ? workerData : undefined;
  const reply = (message: WorkerReply<Answer>): void => {
    parentPort?.postMessage(message, message.failure === undefined ? transfer(message.answer) : []);
    if (flag !== undefined) markIdle(flag);
  };
  // Nobody reads it.
  const unwanted = new WorkerFailure({ code: 'disposed', where, expected: 'a call that is still wanted' });
  const handle = async ({ request, withdrawn }: WorkerRequest<Request>): Promise<void> => {
    try {
      if (Atomics.load(withdrawn, 0) === 1 || (flag !== undefined && isEnding(flag))) throw unwanted;
      reply({ answer: await answer(request) });
    } catch (error) {
      reply({ failure: error instanceof WorkerFailure ? error.parts : failure(error) });
    }
  };
  // A request that lies ready must not overtake the one that runs: not even a release, or one that is withdrawn.
  let turn = Promise.resolve();
  parentPort?.on('message', (message: WorkerRequest<Request>) => {
    turn = turn.then(() => handle(message));
  });
}

/** The buffers behind tensors: each once, though two tensors may share one. */
export function buffersOf(tensors: Tensors): readonly ArrayBuffer[] {
  const buffers = new Set(Object.values(tensors).map(({ data }) => data.buffer));
  return [...buffers].filter((buffer) => buffer instanceof ArrayBuffer);
}

/**
 * An answer as the kind that the request asks for.
 * @throws {LowformerError} `engine-failure` for another.
 */
export async function answerOfKind<Answer extends { readonly kind: string }, Kind extends Answer['kind']>(
  where: string,
  kind: Kind,
  answer: Promise<Answer>,
): Promise<Extract<Answer, { kind: Kind }>> {
  const given = await answer;
  if (isOfKind(given, kind)) return given;
  const expected = `the answer '${kind}'`;
  throw new LowformerError({ code: 'engine-failure', where, expected, received: given.kind });
}

function isOfKind<Answer extends { readonly kind: string }, Kind extends Answer['kind']>(
  answer: Answer,
  kind: Kind,
): answer is Extract<Answer, { kind: Kind }> {
  return answer.kind === kind;
}
