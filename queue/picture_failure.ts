/** Why a picture has no result: its own fault, or that of the machine that it was run on. */
import { LowformerError } from '../core/errors.js';
import { loadImage } from '../models/image_source.js';
import { decodeFailure, type EncodedFailure } from './result_code.js';

export interface FailedPicture {
  /** What it is called where the work was given out. */
  readonly source: string;
  /** Where it lies there. */
  readonly path: string;
  readonly worker: string;
}

/**
 * What one process would say, where the picture cannot be read here either; otherwise the worker is named that cannot read it, with
 * what it says. What is wrong beside reading is told as it came.
 */
export async function pictureFailure(
  failure: EncodedFailure,
  { source, path, worker }: FailedPicture,
): Promise<LowformerError> {
  const told = decodeFailure(failure, source);
  if (told.code !== 'unreadable-image' && told.code !== 'unreadable-file') return told;
  try {
    await loadImage(path, { name: source });
  } catch (error) {
    return error instanceof LowformerError && error.code !== 'missing-package' ? error : told;
  }
  return new LowformerError({
    code: told.code,
    where: source,
    expected: `a picture that worker ${worker} can read, as it can be read here`,
    hint: `The worker says: ${decodeFailure(failure, failure.file).message}`,
  });
}
