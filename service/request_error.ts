import { LowformerError } from '../core/errors.js';

/** What kinds of requests are refused, for programs; beside the codes of `LowformerError`. */
export type RequestCode =
  | 'unknown-path'
  | 'unknown-model'
  | 'wrong-task'
  | 'wrong-method'
  | 'wrong-host'
  | 'no-key'
  | 'wrong-key'
  | 'no-keys'
  | 'reloading'
  | 'not-reloaded'
  | 'wrong-type'
  | 'wrong-encoding'
  | 'malformed-body'
  | 'invalid-option'
  | 'not-acceptable'
  | 'no-picture'
  | 'too-many-pictures'
  | 'too-large'
  | 'too-many-pixels'
  | 'busy'
  | 'starting'
  | 'stopping'
  | 'gone'
  | 'too-slow';

export interface RequestErrorParts {
  /** Of HTTP. */
  readonly status: number;
  readonly code: RequestCode;
  /** The part of the request, such as `query.top`. */
  readonly where: string;
  readonly expected: string;
  readonly received?: unknown;
  readonly hint?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request that is not answered, by its sender's mistake or because there is too much to do. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly parts: RequestErrorParts;

  constructor(parts: RequestErrorParts) {
    const { where, expected, received, hint } = parts;
    // Its message is put together, cut and made harmless as every other.
    super(
      new LowformerError({
        code: 'invalid-argument',
        where,
        expected,
        received,
        ...(hint === undefined ? {} : { hint }),
      }).message,
    );
    this.parts = parts;
  }
}

/** Its sender has hung up: nobody reads the answer, and the log has the status that nginx gives it. */
export function gone(): RequestError {
  const expected = 'a sender who waits for the answer';
  return new RequestError({ status: 499, code: 'gone', where: 'request', expected });
}
