/** Puts what a format's writer makes where it belongs: one file or a folder, whole or not at all. */
import { appendFile, constants, copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LowformerError } from '../core/errors.js';
import { openWhole, said } from '../files/atomic_write.js';
import { isSystemError } from '../files/system_error.js';
import { openWholeFolder } from '../files/whole_folder.js';
import { type Piece, THE_FILE } from './define.js';

/** Where pieces go. Disposing of it before `finish` leaves nothing behind. */
export interface PieceTarget extends AsyncDisposable {
  /** Returns once the system has taken them. @throws {LowformerError} `unwritable-file`. */
  write(pieces: readonly Piece[]): Promise<void>;
  /** All of it takes its place. @throws {LowformerError} `unwritable-file`. */
  finish(): Promise<void>;
}

/** One file. @throws {LowformerError} `unwritable-file`. */
export async function openFileTarget(path: string): Promise<PieceTarget> {
  const whole = await openWhole(path);
  return {
    write: (pieces) => whole.append(textOf(pieces)),
    finish: () => whole.finish(),
    [Symbol.asyncDispose]: () => whole[Symbol.asyncDispose](),
  };
}

/** The texts of a format of one file, one behind the other. */
export function textOf(pieces: readonly Piece[]): string {
  return pieces.map((piece) => (piece.path === THE_FILE && 'text' in piece ? piece.text : '')).join('');
}

/** A new or empty folder. @throws {LowformerError} `unwritable-file`. */
export async function openFolderTarget(folder: string): Promise<PieceTarget> {
  const whole = await openWholeFolder(folder);
  return {
    write: (pieces) =>
      said(folder, async () => {
        for (const piece of pieces) await put(whole.inside, piece);
      }),
    finish: () => whole.finish(),
    [Symbol.asyncDispose]: () => whole[Symbol.asyncDispose](),
  };
}

async function put(folder: string, piece: Piece): Promise<void> {
  const path = join(folder, piece.path);
  await mkdir(dirname(path), { recursive: true });
  if ('text' in piece) return appendFile(path, piece.text);
  if ('encode' in piece) return writeFile(path, await piece.encode());
  if (piece.how === 'copy') return copyFile(piece.picture, path, constants.COPYFILE_FICLONE);
  try {
    await symlink(piece.picture, path);
  } catch (cause) {
    // Windows asks for a right of its own to make links.
    if (!isSystemError(cause) || cause.code !== 'EPERM') throw cause;
    const expected = 'a place where links to pictures can be made';
    const hint = 'The system does not allow it: copy the pictures with --copy-images.';
    throw new LowformerError({ code: 'unwritable-file', where: piece.path, expected, hint, cause });
  }
}
