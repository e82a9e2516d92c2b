/**
 * Opening what the user names, and regular files alone: reading a pipe waits for ever where nobody writes, reading
 * `/dev/zero` never ends, and both can stand behind a link in any folder of pictures.
 */
import { closeSync, constants, fstatSync, openSync, type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { type ErrorCode, LowformerError } from '../core/errors.js';
import { isAbsence, readingReason } from './system_error.js';
import { isUndecoded, UNDECODED_HINT, undecodedPath } from './undecoded_name.js';

/** What messages say of a file. */
export interface FileTerms {
  /** `a checkpoint file`. */
  readonly expected: string;
  /** `unreadable-file` unless told otherwise. */
  readonly code?: ErrorCode;
  /** What messages call the file; its path unless told otherwise. */
  readonly name?: string;
}

// Opening a pipe does not wait for its other end; where the system knows no such flag, it has no such pipes.
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** Files of 2 GiB and more do not go into one array of bytes. */
const MOST_BYTES = 2 ** 31 - 1;

/**
 * An open file; closing it is the caller's. A link is followed.
 * @throws {LowformerError} for what is missing, no regular file, or not permitted.
 */
export async function openRegularFile(path: string, terms: FileTerms): Promise<FileHandle> {
  const file = await openNamed(path).catch((cause: unknown) => {
    const undecoded = isUndecoded(path) && isAbsence(cause);
    throw refused(path, terms, undecoded ? UNDECODED_HINT : readingReason(cause));
  });
  try {
    checkRegular(await file.stat(), path, terms);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Also a file whose name is no UTF-8. */
async function openNamed(path: string): Promise<FileHandle> {
  try {
    return await open(path, FLAGS);
  } catch (error) {
    const bytes = isUndecoded(path) && isAbsence(error) ? await undecodedPath(path) : undefined;
    if (bytes === undefined) throw error;
    return open(bytes, FLAGS);
  }
}

/** The same, at once: a descriptor. @throws {LowformerError} likewise. */
export function openRegularFileSync(
  path: string,
  terms: FileTerms,
): { readonly descriptor: number; readonly size: number } {
  let descriptor: number;
  try {
    descriptor = openSync(path, FLAGS);
  } catch (cause) {
    throw refused(path, terms, readingReason(cause));
  }
  try {
    const found = fstatSync(descriptor);
    checkRegular(found, path, terms);
    return { descriptor, size: found.size };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/**
 * A whole file.
 * @param mostBytes larger files are refused before they are read: 2 GiB unless told otherwise.
 * @throws {LowformerError} as `openRegularFile`, and for what is larger.
 */
export async function readRegularFile(path: string, terms: FileTerms, mostBytes = MOST_BYTES): Promise<Uint8Array> {
  const file = await openRegularFile(path, terms);
  try {
    const { size } = await file.stat();
    if (size > mostBytes) throw refused(path, terms, `It has ${size} bytes, and at most ${mostBytes} are read.`);
    const bytes = await file.readFile();
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  } catch (cause) {
    throw cause instanceof LowformerError ? cause : refused(path, terms, readingReason(cause));
  } finally {
    await file.close();
  }
}

function checkRegular(found: Stats, path: string, terms: FileTerms): void {
  if (found.isFile()) return;
  throw refused(path, terms, `It is ${kindOf(found)}.`);
}

function kindOf(found: Stats): string {
  if (found.isDirectory()) return 'a folder';
  if (found.isFIFO()) return 'a pipe: write what comes out of it into a file first';
  if (found.isSocket()) return 'a socket';
  return 'a device';
}

function refused(
  path: string,
  { expected, code = 'unreadable-file', name = path }: FileTerms,
  hint: string,
): LowformerError {
  return new LowformerError({ code, where: name, expected, hint });
}
