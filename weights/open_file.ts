import { closeSync, readSync } from 'node:fs';
import { LowformerError } from '../core/errors.js';
import { type FileState, fileState } from '../files/file_state.js';
import { openRegularFileSync } from '../files/regular_file.js';
import { type ByteSource, endsEarly } from './byte_source.js';

/** An open file; its descriptor is closed by `Symbol.dispose`, after which reading is an error. */
export interface OpenFile extends ByteSource, Disposable {
  /** As it is at this moment. */
  state(): FileState;
}

/** @throws {LowformerError} `unreadable-file` when `path` is missing, no plain file, or may not be read. */
export function openFile(path: string): OpenFile {
  const { descriptor, size } = openRegularFileSync(path, { expected: 'a checkpoint file' });
  let isOpen = true;
  return {
    path,
    size,
    readInto(target, position) {
      if (!isOpen) throw new LowformerError({ code: 'disposed', where: path, expected: 'an open checkpoint' });
      let done = 0;
      while (done < target.byteLength) {
        const count = readSync(descriptor, target, done, target.byteLength - done, position + done);
        if (count === 0) throw endsEarly(path, position + target.byteLength, position + done);
        done += count;
      }
    },
    state: () => fileState(descriptor),
    [Symbol.dispose]() {
      if (isOpen) closeSync(descriptor);
      isOpen = false;
    },
  };
}
