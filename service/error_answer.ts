/** Any error that a request ends with, as its answer. */
import type { FastifyReply } from 'fastify';
import { BODY_TYPES } from './picture_body.js';
import { PROBLEM_TYPE, problemOf } from './problem.js';
import { gone, RequestError } from './request_error.js';

export interface ErrorAnswering {
  /** Of every answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** Told its code. */
  readonly onError: (code: string) => void;
}

/** In the form that its path wants: `{"error": …}` below `/v2`, whose protocol says so, and problem+json elsewhere. */
export function sendError(
  error: Error,
  reply: FastifyReply,
  { headers: always, onError }: ErrorAnswering,
): FastifyReply {
  const { problem, headers, isFault } = problemOf(translated(error, reply));
  onError(problem.code);
  if (isFault) reply.log.error({ err: error }, 'a request failed');
  reply.code(problem.status).headers({ ...always, ...headers });
  if (/^\/v2(?:[/?]|$)/.test(reply.request.url)) {
    return reply.type('application/json; charset=utf-8').send({ error: problem.detail });
  }
  return reply.type(PROBLEM_TYPE).send(problem);
}

/** What fastify and Node say of a request, in our words; faults stay faults. */
function translated(error: Error, { request }: FastifyReply): Error {
  switch ('code' in error ? error.code : undefined) {
    case 'ECONNRESET':
      return gone();
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new RequestError({
        status: 415,
        code: 'wrong-type',
        where: 'content-type',
        expected: `one of ${BODY_TYPES.join(', ')}`,
        received: request.headers['content-type'] ?? 'none',
        hint: "With curl: --data-binary @FILE --header 'content-type: image/jpeg', or --form picture=@FILE.",
      });
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return unknownPath(request.url);
    default:
      return error;
  }
}

/** A path that the server has not. @param url of the request; its query is not told. */
export function unknownPath(url: string): RequestError {
  const hint = 'GET /v1/models names the models, POST /v1/models/NAME/detect, /segment or /classify asks one.';
  return new RequestError({
    status: 404,
    code: 'unknown-path',
    where: 'path',
    expected: 'a path that there is',
    received: pathOf(url),
    hint,
  });
}

/** Without the query. */
export function pathOf(url: string): string {
  const [path = ''] = url.split('?');
  return path;
}
