/** Pictures to records. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LowformerError } from '../core/errors.js';
import { exactJson } from '../files/exact_json.js';
import { withNotes } from '../models/result_records.js';
import { acceptedType } from './accepted_type.js';
import type { RouteContext } from './create_service.js';
import { refuseOtherMethods } from './methods.js';
import { findModel, stopping } from './model_routes.js';
import { checkEncoding, type GivenPicture, picturesOf } from './picture_body.js';
import { type BadPicture, PicturesError } from './pictures_error.js';
import { statusOf } from './problem.js';
import { noRoom } from './read_body.js';
import { gone, RequestError } from './request_error.js';
import type { ServedModel } from './served_model.js';
import { type Answering, VERBS, type Verb, verbOf } from './verbs.js';

const JSON_TYPE = 'application/json';
/** Forms of a picture that is the answer. */
const PICTURE_TYPES = { 'image/png': 'png', 'image/jpeg': 'jpeg', 'image/webp': 'webp' } as const;
const DRAWN_TYPES = ['image/png', 'image/jpeg', 'image/webp'] as const;

type AnswerType = typeof JSON_TYPE | keyof typeof PICTURE_TYPES;

/** What is known of a request before its body is read. */
interface Asked {
  readonly model: ServedModel;
  readonly answering: Answering;
  /** Of the answer. */
  readonly type: AnswerType;
  /** Aborted when its sender is gone, or its time is over. */
  readonly signal: AbortSignal;
}

/** `POST /v1/models/NAME/detect`, `/segment`, `/classify`. */
export function addPredictionRoutes({ app, models, limits, budget, isStopping }: RouteContext): void {
  const asked = new WeakMap<FastifyRequest, Asked>();

  /** All that needs no body is decided before it is read. */
  const begin = (verb: Verb) => async (request: FastifyRequest<{ Params: { name: string } }>, reply: FastifyReply) => {
    if (isStopping()) throw stopping();
    const model = findModel(models, request.params.name);
    checkTask(model, verb);
    const type = wantedType(request.headers.accept, verb);
    const answering = verb.answering(request.query, type === JSON_TYPE ? 'records' : 'picture');
    checkEncoding(request.headers['content-encoding']);
    checkRoom(model, 1);
    const announced = Number(request.headers['content-length'] ?? 0);
    // Longer ones are refused as too large, unread.
    if (announced <= limits.bytes && !budget.hasRoom(announced)) throw noRoom();
    asked.set(request, { model, answering, type, signal: patience(reply, limits.time) });
  };

  for (const [name, verb] of Object.entries<Verb>(VERBS)) {
    const url = `/v1/models/:name/${name}`;
    app.post<{ Params: { name: string } }>(url, { onRequest: begin(verb) }, async (request, reply) => {
      const { model, answering, type, signal } = askedOf(asked, request);
      const body: unknown = request.body;
      const pictures = await picturesOf(
        body instanceof Uint8Array ? body : new Uint8Array(),
        request.headers['content-type'] ?? '',
        limits.pictures,
      );
      checkRoom(model, pictures.length);
      if (type !== JSON_TYPE) {
        const [picture, ...others] = pictures;
        if (picture === undefined || others.length > 0) throw oneAlone(pictures.length);
        const drawn = await model.predict(picture, signal, (prediction) =>
          answering.draw(prediction, model.facts, PICTURE_TYPES[type]),
        );
        return reply.type(type).send(drawn);
      }
      const records = await ofEach(pictures, (picture) =>
        model.predict(picture, signal, ({ result, notes }) => withNotes(answering.record(picture.file, result), notes)),
      );
      return reply.type(`${JSON_TYPE}; charset=utf-8`).send(exactJson(records));
    });
    refuseOtherMethods(app, url, 'POST');
  }
}

function askedOf(asked: WeakMap<FastifyRequest, Asked>, request: FastifyRequest): Asked {
  const found = asked.get(request);
  if (found === undefined) throw new RangeError('a request that was not begun');
  return found;
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

/**
 * Each picture has its turn, so that those of other requests come in between.
 * @throws {PicturesError} naming all that cannot be used; what is no fault of a picture.
 */
async function ofEach<Answer>(
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

/** JSON unless a picture is wanted more. @throws {RequestError} where neither is accepted. */
function wantedType(accept: string | undefined, { draws, task }: Verb): AnswerType {
  const offered: readonly AnswerType[] = draws ? [JSON_TYPE, ...DRAWN_TYPES] : [JSON_TYPE];
  const type = acceptedType(accept, offered);
  if (type !== undefined) return type;
  const expected = `one of ${offered.join(', ')}, which are the answers of ${task},`;
  throw new RequestError({ status: 406, code: 'not-acceptable', where: 'accept', expected, received: accept });
}

function oneAlone(received: number): RequestError {
  const parts = {
    status: 400,
    code: 'too-many-pictures',
    where: 'body',
    expected: 'one picture, where the answer is one,',
  } as const;
  return new RequestError({ ...parts, received });
}

function checkTask({ name, facts: { task } }: ServedModel, verb: Verb): void {
  if (verb.task === task) return;
  const expected = `a model for ${verb.task}`;
  const hint = `'${name}' is one for ${task}: POST /v1/models/${name}/${verbOf(task)}.`;
  throw new RequestError({ status: 404, code: 'wrong-task', where: 'path', expected, received: name, hint });
}

function checkRoom(model: ServedModel, pictures: number): void {
  if (!model.queue.hasRoom(pictures)) throw busy(model, pictures);
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
