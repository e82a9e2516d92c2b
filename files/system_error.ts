/** What the system says when a file cannot be read or written, in words. */

export interface SystemError extends Error {
  /** `ENOENT`, `EACCES`… */
  readonly code: string;
}

export function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string';
}

/** Whether there is nothing of that name. */
export function isAbsence(error: unknown): boolean {
  return isSystemError(error) && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

/** By the system's error codes, as whole sentences. */
const READING: Readonly<Record<string, string>> = {
  ENOENT: 'There is no such file.',
  ENOTDIR: 'There is no such file.',
  EISDIR: 'It is a folder.',
  EACCES: 'Reading it is not permitted.',
  EPERM: 'Reading it is not permitted.',
  ELOOP: 'Its links lead in a circle.',
  ENAMETOOLONG: 'The name is too long.',
  EMFILE: 'Too many files are open.',
  ENFILE: 'Too many files are open.',
  EIO: 'The disk reports an error.',
  ERR_FS_FILE_TOO_LARGE: 'It has 2 GiB or more.',
};

const WRITING: Readonly<Record<string, string>> = {
  ENOTDIR: 'There is a file where a folder is needed.',
  EEXIST: 'There is a file where a folder is needed.',
  EISDIR: 'It is a folder.',
  EACCES: 'Writing there is not permitted.',
  EPERM: 'Writing there is not permitted.',
  EROFS: 'The file system is read-only.',
  ENOSPC: 'The disk is full.',
  EDQUOT: 'The disk quota is used up.',
  EFBIG: 'The file would be larger than the system allows.',
  ENAMETOOLONG: 'The name is too long.',
  EMFILE: 'Too many files are open.',
  ENFILE: 'Too many files are open.',
  EIO: 'The disk reports an error.',
};

const LISTENING: Readonly<Record<string, string>> = {
  EADDRINUSE: 'Another program listens there.',
  EADDRNOTAVAIL: 'This machine has no such address.',
  EACCES: 'Listening there is not permitted: ports below 1024 are for the system.',
  EPERM: 'Listening there is not permitted.',
  ENOTFOUND: 'No address is known of that name.',
  EAI_AGAIN: 'No address is known of that name.',
};

/** Why an address cannot be listened on: a sentence for a hint. */
export function listeningReason(error: unknown): string {
  return LISTENING[codeOf(error)] ?? `The system says: ${codeOf(error)}.`;
}

/** Why a file cannot be read: a sentence for a hint. */
export function readingReason(error: unknown): string {
  return READING[codeOf(error)] ?? `The system says: ${codeOf(error)}.`;
}

/** Why a file cannot be written: a sentence for a hint. */
export function writingReason(error: unknown): string {
  return WRITING[codeOf(error)] ?? `The system says: ${codeOf(error)}.`;
}

function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error) return String(error.code);
  return error instanceof Error ? error.message : String(error);
}
