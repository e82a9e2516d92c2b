/** How requests are answered, wherever that happens, and the check of what comes back. */
import { type ErrorParts, LowformerError } from '../../core/errors.js';
import type { Tensors } from '../../core/tensor.js';
import { WorkerFailure, type WorkerReply } from './channel.js';

export interface Answering<Request, Answer> {
  /** What messages call it. */
  readonly where: string;
  readonly answer: (request: Request) => Promise<Answer>;
  /** Memory that changes hands with the answer, without a copy. */
  readonly transfer: (answer: Answer) => readonly ArrayBuffer[];
  /** What an error that is no `WorkerFailure` means. */
  readonly failure: (error: unknown) => ErrorParts;
}

/** Answers one request, whatever comes of it. @param wanted asked once its turn has come. */
export async function replyTo<Request, Answer>(
  { where, answer, failure }: Answering<Request, Answer>,
  request: Request,
  wanted: () => boolean,
): Promise<WorkerReply<Answer>> {
  try {
    // Nobody reads it.
    if (!wanted()) return { failure: { code: 'disposed', where, expected: 'a call that is still wanted' } };
    return { answer: await answer(request) };
  } catch (error) {
    return { failure: error instanceof WorkerFailure ? error.parts : failure(error) };
  }
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
