/** A request's body: JSON, and behind it what its tensors have as bytes (the extension `binary_tensor_data`). */
import { RequestError } from '../request_error.js';
import { wrongTensor } from './request_error.js';

/** The header of HTTP that says how long the JSON is where bytes follow it. */
export const LENGTH_HEADER = 'inference-header-content-length';

/** Bytes of JSON: numbers take several times as much memory while they are read, and the server does nothing else meanwhile. */
export const MOST_JSON = 16 * 2 ** 20;

export interface SplitBody {
  readonly json: unknown;
  /** All that follows the JSON. */
  readonly binary: Uint8Array;
}

/**
 * @param length the value of `LENGTH_HEADER`; without one all of the body is JSON.
 * @throws {RequestError} for a length that is none or lies, for what is no JSON, and for more of it than is read.
 */
export function splitBody(body: Uint8Array, length: string | undefined): SplitBody {
  const size = length === undefined ? body.length : jsonLength(length, body.length);
  if (size > MOST_JSON) throw tooMuch(size);
  return { json: parsed(body.subarray(0, size)), binary: body.subarray(size) };
}

function jsonLength(length: string, most: number): number {
  const size = Number(length);
  if (/^\d{1,15}$/.test(length) && size > 0 && size <= most) return size;
  const hint =
    length === '0' ? 'What a body without JSON is cannot be told here: a picture alone goes to /v1.' : undefined;
  const expected = `how many of the body's ${most} bytes are JSON`;
  throw wrongTensor(LENGTH_HEADER, expected, length, hint);
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    const hint = `Where bytes follow it, ${LENGTH_HEADER} says how long it is.`;
    throw wrongTensor('body', 'an inference request as JSON in UTF-8', undefined, hint);
  }
}

function tooMuch(received: number): RequestError {
  return new RequestError({
    status: 413,
    code: 'too-large',
    where: 'body',
    expected: `at most ${MOST_JSON} bytes of JSON`,
    received,
    hint: 'Send the tensor as bytes behind it, with binary_data_size: that is smaller, too.',
  });
}
