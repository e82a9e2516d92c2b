/** What is no HTTP, or does not come in time, is answered before there is a request. */
import type { Socket } from 'node:net';
import { PROBLEM_TYPE, problemOf } from './problem.js';
import { RequestError, type RequestErrorParts } from './request_error.js';

const KINDS: Readonly<Record<string, RequestErrorParts>> = {
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    code: 'too-slow',
    where: 'request',
    expected: 'the whole request within the time that it may take',
    hint: 'Perhaps content-length says more bytes than were sent.',
  },
  HPE_HEADER_OVERFLOW: { status: 431, code: 'too-large', where: 'headers', expected: 'at most 16 KiB of headers' },
};
const BROKEN: RequestErrorParts = {
  status: 400,
  code: 'malformed-body',
  where: 'request',
  expected: 'a request as HTTP/1.1 has it',
  hint: 'Perhaps content-length says fewer bytes than were sent.',
};

/**
 * The answer to it, after which the connection is closed. Who speaks no TLS where it is spoken is not answered.
 * @param always headers of every answer.
 * @returns the code of the error that was answered.
 */
export function answerBrokenRequest(
  error: Error & { readonly code?: string },
  socket: Socket,
  always: Readonly<Record<string, string>>,
): string | undefined {
  const { code = '' } = error;
  if (code === 'ECONNRESET' || /^ERR_(?:SSL|TLS|OSSL)_/.test(code) || !socket.writable) {
    socket.destroy();
    return undefined;
  }
  const { problem } = problemOf(new RequestError(KINDS[code] ?? BROKEN));
  const body = JSON.stringify(problem);
  const headers = {
    ...always,
    'content-type': PROBLEM_TYPE,
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end([`HTTP/1.1 ${problem.status} ${problem.title}`, ...lines, '', body].join('\r\n'));
  return problem.code;
}
