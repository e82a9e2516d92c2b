import { type ErrorCode, LowformerError } from '../core/errors.js';
import type { Result } from '../core/results.js';

/** What can be wrong with a single picture, so that others may still be right. */
const OF_A_PICTURE: readonly ErrorCode[] = ['invalid-argument', 'unreadable-image', 'out-of-memory', 'not-a-number'];

/**
 * The results of pictures that are run together; where that fails by a picture's fault, of each by itself, so that those that
 * are not to blame have theirs.
 * @param run results of some of them, in their order.
 * @returns of each picture its result or its error, in their order.
 * @throws whatever is no fault of a single picture: an abort, an engine that fails.
 */
export async function resultsOfEach<R extends Result, Picture>(
  pictures: readonly Picture[],
  run: (some: readonly Picture[]) => Promise<readonly R[]>,
): Promise<readonly (R | LowformerError)[]> {
  if (pictures.length === 0) return [];
  try {
    return await run(pictures);
  } catch (error) {
    if (!(error instanceof LowformerError && OF_A_PICTURE.includes(error.code))) throw error;
    if (pictures.length === 1) return [error];
    const results: (R | LowformerError)[] = [];
    for (const picture of pictures) results.push(...(await resultsOfEach([picture], run)));
    return results;
  }
}
