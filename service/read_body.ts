/** A request's body as bytes, as they arrive. */
import type { Readable } from 'node:stream';
import type { HeldBytes } from './byte_budget.js';
import { gone, RequestError } from './request_error.js';

export interface BodyLimits {
  /** What `content-length` says; undefined for a body in chunks. */
  readonly announced: number | undefined;
  /** Bytes of a body. */
  readonly most: number;
  readonly held: HeldBytes;
}

/**
 * Bytes of a memory of their own. Of what is refused the rest is left unread.
 * @throws {RequestError} `too-large`; `busy` where all bodies together are too much; `malformed-body` where fewer bytes came than
 *   were announced; `gone`.
 */
export function readBody(payload: Readable, { announced, most, held }: BodyLimits): Promise<Buffer> {
  if (announced !== undefined && announced > most) return Promise.reject(tooLarge(most));
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let length = 0;
    const end = (error?: RequestError): void => {
      payload.off('data', onData).off('end', onEnd).off('error', onError).off('close', onError);
      if (error === undefined) resolve(Buffer.concat(chunks, length));
      else reject(error);
    };
    const onData = (chunk: Uint8Array): void => {
      length += chunk.length;
      if (length > most) end(tooLarge(most));
      else if (held.add(chunk.length)) chunks.push(chunk);
      else end(noRoom());
    };
    const onEnd = (): void => end(announced === undefined || announced === length ? undefined : shorter());
    const onError = (): void => end(gone());
    payload.on('data', onData).on('end', onEnd).on('error', onError).on('close', onError);
  });
}

function tooLarge(most: number): RequestError {
  const expected = `at most ${most} bytes`;
  const hint = 'Make the pictures smaller, or send fewer.';
  return new RequestError({ status: 413, code: 'too-large', where: 'body', expected, hint });
}

function shorter(): RequestError {
  const expected = 'as many bytes as content-length says';
  return new RequestError({ status: 400, code: 'malformed-body', where: 'body', expected });
}

/** All bodies together are as much as may be held. */
export function noRoom(): RequestError {
  const expected = 'room for the body among those that are held';
  const hint = 'Ask again after the seconds that retry-after says.';
  return new RequestError({
    status: 429,
    code: 'busy',
    where: 'body',
    expected,
    hint,
    headers: { 'retry-after': '5' },
  });
}
