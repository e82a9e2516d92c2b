/**
 * The file behind a journal: one process at a time writes it, and reads it through the handle that it writes with, so
 * that what is removed or replaced meanwhile is not lost.
 */
import { type FileHandle, open, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LowformerError } from '../core/errors.js';
import type { Log } from '../core/log.js';
import { checkWritable, makeFolder } from '../files/atomic_write.js';
import { type Lock, takeLock } from '../files/lock.js';
import { isAbsence, isSystemError, writingReason } from '../files/system_error.js';

/** Disposing of it leaves the file. */
export interface JournalFile extends AsyncDisposable {
  /** Lines that end in a newline, and the position behind each. */
  lines(): AsyncGenerator<{ readonly text: string; readonly end: number }>;
  /** Cuts what is behind `size` bytes. */
  truncate(size: number): Promise<void>;
  /**
   * Handed to the system before it returns.
   * @throws {LowformerError} `unwritable-file`; `invalid-argument` where something else has written to the file.
   */
  append(text: string): Promise<void>;
  /**
   * Removes the file, which is needed no more.
   * @throws {LowformerError} `invalid-argument` where somebody had removed or replaced it.
   */
  remove(): Promise<void>;
}

/**
 * Makes the file, or opens the one that is there.
 * @throws {LowformerError} `invalid-argument` while another run holds it; `unwritable-file`.
 */
export async function openJournalFile(path: string, log: Pick<Log, 'say' | 'warn'>): Promise<JournalFile> {
  await checkWritable(path);
  await makeFolder(dirname(path));
  const lock = await takeLock(path, 'run that writes this journal', 'give this run another --predictions or folder');
  if (lock.takenOver !== undefined) log.say(`${path}: ${lock.takenOver}`);
  try {
    return journalFile(path, lock, await openRegular(path), log);
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    throw error;
  }
}

function journalFile(path: string, lock: Lock, opened: FileHandle, log: Pick<Log, 'warn'>): JournalFile {
  let file = opened;
  let size: number | undefined;
  let disturbed: 'removed' | 'replaced' | undefined;
  let closed = false;

  const close = async () => {
    if (closed) return;
    closed = true;
    await file.close().catch(() => {});
    await lock[Symbol.asyncDispose]();
  };

  /** Whether what stands at `path` is what is written to; what was removed is put back. */
  async function look(): Promise<void> {
    const [own, found] = await Promise.all([file.stat(), stat(path).catch(absent)]);
    if (size !== undefined && own.size !== size) throw changed(path, size, own.size);
    if (found?.ino === own.ino && found.dev === own.dev) return;
    if (found !== undefined) {
      if (disturbed === undefined) log.warn(`${path}: it was replaced while it is written. Nothing is lost yet.`);
      disturbed = 'replaced';
      return;
    }
    disturbed = 'removed';
    const copy = await copied(file, path);
    if (copy === undefined) return;
    log.warn(`${path}: it was removed while it is written, and is there again, whole.`);
    await file.close();
    file = copy;
  }

  return {
    lines: () => wholeLines(file),
    truncate: (bytes) =>
      said(path, async () => {
        await file.truncate(bytes);
        size = bytes;
      }),
    append: (text) =>
      said(path, async () => {
        await look();
        await file.appendFile(text);
        if (size !== undefined) size += Buffer.byteLength(text);
      }),
    async remove() {
      await said(path, look);
      if (disturbed !== 'replaced') await rm(path, { force: true });
      await close();
      if (disturbed !== undefined) throw meddled(path, disturbed);
    },
    async [Symbol.asyncDispose]() {
      if (closed) return;
      await look().catch(() => {});
      if (disturbed === 'replaced') {
        const kept = await copied(file, `${path}.kept`);
        if (kept !== undefined) log.warn(`${path}: somebody else's. What this run has done is in ${path}.kept`);
        await kept?.close();
      }
      await close();
    },
  };
}

/** For reading and appending. A pipe or a device keeps nothing. */
async function openRegular(path: string): Promise<FileHandle> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || found.isFile()) return said(path, () => open(path, 'a+'));
  const hint = 'A folder, a device or a pipe has its place.';
  throw new LowformerError({ code: 'unwritable-file', where: path, expected: 'a file for the journal', hint });
}

const PIECE = 1 << 20;
const NEWLINE = 10;

async function* wholeLines(file: FileHandle): AsyncGenerator<{ readonly text: string; readonly end: number }> {
  let rest: Buffer = Buffer.alloc(0);
  let end = 0;
  for await (const piece of pieces(file)) {
    const text: Buffer = Buffer.concat([rest, piece]);
    let from = 0;
    for (let at = text.indexOf(NEWLINE); at >= 0; at = text.indexOf(NEWLINE, from)) {
      end += at + 1 - from;
      yield { text: text.toString('utf8', from, at), end };
      from = at + 1;
    }
    rest = text.subarray(from);
  }
}

/** From the beginning; each is overwritten by the next. */
async function* pieces(file: FileHandle): AsyncGenerator<Buffer> {
  const piece = Buffer.alloc(PIECE);
  for (let position = 0; ; ) {
    const { bytesRead } = await file.read(piece, 0, PIECE, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield piece.subarray(0, bytesRead);
  }
}

/** A new file of the same content, open for more; undefined where none can be made there, or one is there. */
async function copied(file: FileHandle, path: string): Promise<FileHandle | undefined> {
  const copy = await open(path, 'ax+').catch(() => undefined);
  if (copy === undefined) return undefined;
  try {
    for await (const piece of pieces(file)) await copy.appendFile(piece);
    return copy;
  } catch {
    await copy.close();
    await rm(path, { force: true });
    return undefined;
  }
}

function absent(error: unknown): undefined {
  if (!isAbsence(error)) throw error;
}

/** What the system says of writing, as a user's mistake. */
async function said<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (!isSystemError(cause)) throw cause;
    const expected = 'a place that can be written to';
    const hint = `${writingReason(cause)} What was written before stands: continue with --resume once it can be written.`;
    throw new LowformerError({ code: 'unwritable-file', where: path, expected, hint, cause });
  }
}

function changed(where: string, size: number, received: number): LowformerError {
  const hint = 'Something else has written to the journal. Remove it to start anew.';
  const expected = `the ${size} bytes that were written`;
  return new LowformerError({ code: 'invalid-argument', where, expected, received, hint });
}

function meddled(where: string, how: 'removed' | 'replaced'): LowformerError {
  const expected = 'a journal that nothing else touches while it is written';
  const hint = `It was ${how}. Nothing is lost: figures and predictions are whole.`;
  return new LowformerError({ code: 'invalid-argument', where, expected, hint });
}
