import { RequestError } from '../request_error.js';

/** What is wrong with a tensor, or with the lengths that it is told with. */
export function wrongTensor(where: string, expected: string, received?: unknown, hint?: string): RequestError {
  return new RequestError({
    status: 400,
    code: 'malformed-body',
    where,
    expected,
    received,
    ...(hint === undefined ? {} : { hint }),
  });
}
