import type { LowformerError } from '../core/errors.js';
import type { RequestError } from './request_error.js';

export interface BadPicture {
  readonly file: string;
  readonly error: LowformerError | RequestError;
}

/** What is wrong with some of a request's several pictures. */
export class PicturesError extends Error {
  override readonly name = 'PicturesError';
  /** Decides about the status. */
  readonly first: LowformerError | RequestError;
  readonly pictures: readonly { readonly file: string; readonly code: string; readonly detail: string }[];

  constructor(bad: readonly [BadPicture, ...BadPicture[]], of: number) {
    const [{ error: first }] = bad;
    super(bad.length === 1 ? first.message : `${bad.length} of ${of} pictures cannot be used. ${first.message}`);
    this.first = first;
    this.pictures = bad.map(({ file, error }) => {
      const code = 'code' in error ? error.code : error.parts.code;
      return { file, code, detail: error.message };
    });
  }
}
