import { rmSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeLeftBehind, temporaryName } from './left_behind.js';

/** A new private folder of `os.tmpdir()`. Disposing of it deletes it with all that is in it. */
export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
}

/**
 * Disposal deletes the folder, as does the end of the process; what a process that was killed left there, the next one
 * deletes.
 * @throws what the system says where it cannot be made.
 */
export async function openTemporaryFolder(): Promise<TemporaryFolder> {
  await removeLeftBehind(tmpdir());
  const path = join(tmpdir(), temporaryName());
  await mkdir(path, { mode: 0o700 });
  const removeAtExit = () => rmSync(path, { recursive: true, force: true });
  process.once('exit', removeAtExit);
  return {
    path,
    async [Symbol.asyncDispose]() {
      // Windows refuses while something has a file mapped: then the end of the process deletes it.
      const removed = await rm(path, { recursive: true, force: true }).then(
        () => true,
        () => false,
      );
      if (removed) process.off('exit', removeAtExit);
    },
  };
}
