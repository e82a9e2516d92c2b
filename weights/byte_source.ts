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

/**
 * A file's bytes that are in memory, such as a checkpoint that was fetched.
 * @param name for messages.
 */
export function bytesInMemory(name: string, bytes: Uint8Array): ByteSource {
  return {
    path: name,
    size: bytes.length,
    readInto(target, position) {
      const end = position + target.byteLength;
      if (position < 0 || end > bytes.length) throw endsEarly(name, end, bytes.length);
      target.set(bytes.subarray(position, end));
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
  more: {
    readonly received?: unknown;
    readonly hint?: string;
    readonly commandHint?: string;
    readonly cause?: unknown;
  } = {},
): LowformerError {
  return new LowformerError({ code: 'unreadable-checkpoint', where: path, expected, ...more });
}

/** What a source says that has fewer bytes than were asked for. */
export function endsEarly(path: string, needed: number, size: number): LowformerError {
  return unreadable(path, `at least ${needed} bytes`, {
    received: size,
    hint: 'The file is truncated: copy or download it again.',
  });
}
