import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { LowformerError } from '../core/errors.js';

/** Bytes that are read at a position, never as a whole: a file, or a part of one. */
export interface ByteSource {
  /** The file, for messages. */
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  /** Fills `target` with the bytes from `position` on. @throws {LowformerError} when they end before. */
  readInto(target: Uint8Array, position: number): void;
}

/** An open file; its descriptor is closed by `Symbol.dispose`, after which reading is an error. */
export interface OpenFile extends ByteSource, Disposable {}

/** @throws {LowformerError} `unreadable-file` when `path` is missing, no plain file, or may not be read. */
export function openFile(path: string): OpenFile {
  const descriptor = open(path);
  const stat = fstatSync(descriptor);
  if (!stat.isFile()) {
    closeSync(descriptor);
    const received = stat.isDirectory() ? 'a directory' : 'something else than a plain file';
    throw new LowformerError({ code: 'unreadable-file', where: path, expected: 'a checkpoint file', received });
  }
  let isOpen = true;
  return {
    path,
    size: stat.size,
    readInto(target, position) {
      if (!isOpen) throw new LowformerError({ code: 'disposed', where: path, expected: 'an open checkpoint' });
      let done = 0;
      while (done < target.byteLength) {
        const count = readSync(descriptor, target, done, target.byteLength - done, position + done);
        if (count === 0) throw endsEarly(path, position + target.byteLength, position + done);
        done += count;
      }
    },
    [Symbol.dispose]() {
      if (isOpen) closeSync(descriptor);
      isOpen = false;
    },
  };
}

/** `size` bytes of `source` from `offset` on. @throws {LowformerError} when they reach beyond its end. */
export function section(source: ByteSource, offset: number, size: number): ByteSource {
  if (!(offset >= 0 && size >= 0 && offset + size <= source.size))
    throw endsEarly(source.path, offset + size, source.size);
  return {
    path: source.path,
    size,
    readInto(target, position) {
      if (position < 0 || position + target.byteLength > size) {
        throw endsEarly(source.path, offset + position + target.byteLength, offset + size);
      }
      source.readInto(target, offset + position);
    },
  };
}

/** `count` bytes from `position` on. @throws {LowformerError} when `source` ends before. */
export function readBytes(source: ByteSource, position: number, count: number): Uint8Array {
  if (position + count > source.size) throw endsEarly(source.path, position + count, source.size);
  const bytes = new Uint8Array(count);
  source.readInto(bytes, position);
  return bytes;
}

/** What is wrong with the contents of a checkpoint. */
export function unreadable(
  path: string,
  expected: string,
  more: { readonly received?: unknown; readonly hint?: string; readonly cause?: unknown } = {},
): LowformerError {
  return new LowformerError({ code: 'unreadable-checkpoint', where: path, expected, ...more });
}

function endsEarly(path: string, needed: number, size: number): LowformerError {
  return unreadable(path, `at least ${needed} bytes`, {
    received: size,
    hint: 'The file is truncated: copy or download it again.',
  });
}

function open(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    const received =
      code === 'ENOENT' ? 'no such file' : code === 'EACCES' ? 'no permission to read it' : String(cause);
    throw new LowformerError({
      code: 'unreadable-file',
      where: path,
      expected: 'a checkpoint file',
      received,
      cause,
    });
  }
}
