/** Pictures to records. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { exactJson } from '../files/exact_json.js';
import { withNotes } from '../models/result_records.js';
import { acceptedType } from './accepted_type.js';
import { checkRoom, ofEach } from './admission.js';
import type { RouteContext } from './create_service.js';
import { refuseOtherMethods } from './methods.js';
import { findModel } from './model_routes.js';
import { picturesOf } from './picture_body.js';
import { RequestError } from './request_error.js';
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
export function addPredictionRoutes({ app, models, limits, admission }: RouteContext): void {
  const asked = new WeakMap<FastifyRequest, Asked>();

  /** All that needs no body is decided before it is read. */
  const begin = (verb: Verb) => async (request: FastifyRequest<{ Params: { name: string } }>, reply: FastifyReply) => {
    const model = findModel(models, request.params.name);
    checkTask(model, verb);
    const type = wantedType(request.headers.accept, verb);
    const answering = verb.answering(request.query, type === JSON_TYPE ? 'records' : 'picture');
    asked.set(request, { model, answering, type, signal: admission.admit(request, reply, model) });
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
