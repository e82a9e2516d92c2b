/** A file that is read from front to back through a window, so that it never lies in memory as a whole. */
import { closeSync, readSync } from 'node:fs';
import { LowformerError } from '../core/errors.js';
import { openRegularFileSync } from '../files/regular_file.js';
import { readingReason } from '../files/system_error.js';

export interface ByteWindow {
  /** What is there now; gone with the next `advance`. */
  readonly bytes: Uint8Array;
  /** Nothing follows. */
  readonly isLast: boolean;
  /** As long as so many bytes are left, `advance` can wait: nothing that is read in one piece is longer. */
  readonly margin: number;
  /** Of the whole file. */
  readonly size: number;
  /** Drops `count` bytes at the beginning and reads on. @throws {LowformerError} `unreadable-file`. */
  advance(count: number): void;
}

const LENGTH = 1 << 24;

/**
 * `read` with a window over the file; the file is closed behind it.
 * @throws {LowformerError} `unreadable-file`, saying why: missing, no regular file, not permitted.
 */
export function readThroughWindow<Result>(
  path: string,
  expected: string,
  read: (window: ByteWindow) => Result,
  { length = LENGTH, margin = length / 4 }: { readonly length?: number; readonly margin?: number } = {},
): Result {
  const { descriptor, size } = openRegularFileSync(path, { expected });
  try {
    const block = new Uint8Array(Math.min(length, size + 1));
    let filled = 0;
    let isLast = false;
    const window = {
      get bytes() {
        return block.subarray(0, filled);
      },
      get isLast() {
        return isLast;
      },
      margin,
      size,
      advance(count: number) {
        block.copyWithin(0, count, filled);
        filled -= count;
        while (filled < block.length && !isLast) {
          const more = readInto(descriptor, block, filled, { path, expected });
          isLast = more === 0;
          filled += more;
        }
      },
    };
    window.advance(0);
    return read(window);
  } finally {
    closeSync(descriptor);
  }
}

function readInto(
  descriptor: number,
  block: Uint8Array,
  from: number,
  { path, expected }: { readonly path: string; readonly expected: string },
): number {
  try {
    return readSync(descriptor, block, from, block.length - from, null);
  } catch (cause) {
    throw new LowformerError({ code: 'unreadable-file', where: path, expected, hint: readingReason(cause), cause });
  }
}
