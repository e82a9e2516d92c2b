import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { LowformerError } from '../core/errors.js';
import { type ByteSource, endsEarly } from './byte_source.js';

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
