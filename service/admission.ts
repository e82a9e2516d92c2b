/** Which requests for predictions are let in, and until when they are worked at: the same for every form that they come in. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LowformerError } from '../core/errors.js';
import type { ByteBudget } from './byte_budget.js';
import type { ServiceLimits } from './limits.js';
import { stopping } from './model_routes.js';
import { checkEncoding, type GivenPicture } from './picture_body.js';
import { type BadPicture, PicturesError } from './pictures_error.js';
import { statusOf } from './problem.js';
import { noRoom } from './read_body.js';
import { gone, RequestError } from './request_error.js';
import type { ServedModel } from './served_model.js';

export interface Admission {
  /**
   * Decides before the body is read.
   * @returns aborted when the request's sender is gone, or its time is over.
   * @throws {RequestError} `stopping`, `wrong-encoding`, `busy`.
   */
  admit(request: FastifyRequest, reply: FastifyReply, model: ServedModel): AbortSignal;
}

/** @param budget of the bodies of all requests together. */
export function admission(limits: ServiceLimits, budget: ByteBudget, isStopping: () => boolean): Admission {
  return {
    admit({ headers }, reply, model) {
      if (isStopping()) throw stopping();
      checkEncoding(headers['content-encoding']);
      checkRoom(model, 1);
      const announced = Number(headers['content-length'] ?? 0);
      // Longer ones are refused as too large, unread.
      if (announced <= limits.bytes && !budget.hasRoom(announced)) throw noRoom();
      return patience(reply, limits.time);
    },
  };
}

/** @throws {RequestError} `busy` where so many more pictures find no room in the model's queue. */
export function checkRoom(model: ServedModel, pictures: number): void {
  if (!model.queue.hasRoom(pictures)) throw busy(model, pictures);
}

/**
 * Each picture has its turn, so that those of other requests come in between.
 * @returns the answers in the pictures' order.
 * @throws {PicturesError} naming all that cannot be used; what is no fault of a picture.
 */
export async function ofEach<Answer>(
  pictures: readonly GivenPicture[],
  answer: (picture: GivenPicture) => Promise<Answer>,
): Promise<readonly Answer[]> {
  const settled = await Promise.allSettled(pictures.map(answer));
  const bad: BadPicture[] = [];
  const good: Answer[] = [];
  for (const [i, outcome] of settled.entries()) {
    if (outcome.status === 'fulfilled') good.push(outcome.value);
    else if (isOfPicture(outcome.reason)) bad.push({ file: pictures[i]?.file ?? 'picture', error: outcome.reason });
    else throw outcome.reason;
  }
  const [first, ...others] = bad;
  if (first !== undefined) throw new PicturesError([first, ...others], pictures.length);
  return good;
}

/** What is wrong with a picture, and not that there is no time left for it, or that the model fails. */
function isOfPicture(error: unknown): error is LowformerError | RequestError {
  if (error instanceof RequestError) return error.parts.code === 'too-many-pixels';
  return error instanceof LowformerError && [400, 422].includes(statusOf(error));
}

/** Aborted when the connection is closed before there is an answer, or when there is none in time. */
function patience({ raw }: FastifyReply, time: number): AbortSignal {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(tooSlow(time)), time);
  raw.on('close', () => {
    clearTimeout(timer);
    if (!raw.writableFinished) controller.abort(gone());
  });
  return controller.signal;
}

function busy({ name, queue }: ServedModel, pictures: number): RequestError {
  const expected = `room for ${pictures} more among the pictures that wait`;
  const headers = { 'retry-after': String(queue.secondsLeft()) };
  const hint = 'Ask again after the seconds that retry-after says.';
  return new RequestError({ status: 429, code: 'busy', where: name, expected, hint, headers });
}

function tooSlow(time: number): RequestError {
  const expected = `an answer within ${time / 1000} seconds, but there is too much to do`;
  const hint = 'Ask again later, or with smaller pictures.';
  return new RequestError({
    status: 503,
    code: 'too-slow',
    where: 'request',
    expected,
    hint,
    headers: { 'retry-after': '10' },
  });
}
