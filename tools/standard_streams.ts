/** stdout and stderr, whose readers may be gone before the work is done, and whose disk may be full. */
import { LowformerError } from '../core/errors.js';
import { isSystemError, type SystemError, writingReason } from '../files/system_error.js';

/** Whether `offerStdout` has told of a failure, which the stream then tells again. */
let told = false;

/**
 * Messages that nobody reads any more keep no work from being done. Of stdout, a reader that has seen enough (`| head`)
 * is no fault; any other failure goes to `report`, unless `offerStdout` has thrown it.
 */
export function watchStandardStreams(report: (error: LowformerError) => void): void {
  process.stderr.on('error', () => {});
  process.stdout.on('error', (error) => {
    if (told || readerIsGone(error)) return;
    told = true;
    report(refused(error));
  });
}

/**
 * Waits until stdout has taken the text: a process that ends earlier would cut a pipe's data off.
 * @returns false where nobody reads any more.
 * @throws {LowformerError} `unwritable-file`, where stdout is a file on a full disk.
 */
export function offerStdout(text: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => {
      if (error === undefined || error === null) return resolve(true);
      if (readerIsGone(error)) return resolve(false);
      told = true;
      reject(refused(error));
    });
  });
}

/** `offerStdout`, whether or not somebody reads. @throws likewise. */
export async function writeStdout(text: string): Promise<void> {
  await offerStdout(text);
}

/** On Windows a closed pipe is the end of the file; writing after a failure finds the stream destroyed. */
function readerIsGone(error: Error): boolean {
  return 'code' in error && ['EPIPE', 'EOF', 'ECONNRESET', 'ERR_STREAM_DESTROYED'].includes(String(error.code));
}

function refused(cause: Error): LowformerError {
  const hint = isSystemError(cause) ? writingReason(cause satisfies SystemError) : cause.message;
  return new LowformerError({
    code: 'unwritable-file',
    where: 'stdout',
    expected: 'a place that can be written to',
    hint,
    cause,
  });
}
