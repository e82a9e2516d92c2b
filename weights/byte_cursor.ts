import { type ByteSource, readBytes, unreadable } from './byte_source.js';

/** Reads bytes one after another, through a window: the pickle of a large file stands before gigabytes of weights. */
export interface ByteCursor {
  /** Of the next byte. */
  readonly position: number;
  byte(): number;
  bytes(count: number): Uint8Array;
  uint(size: 1 | 2 | 4): number;
  /** A length of 8 bytes, unsigned. */
  length64(): number;
  int32(): number;
  /** Big-endian, as pickle writes them. */
  float64(): number;
  /** Up to the next line feed, which is passed over. */
  line(): string;
}

const windowSize = 1 << 16;
/** A text line in a pickle is a name or a number; what is longer is no pickle of torch's. */
const longestLine = 1 << 16;
const utf8 = new TextDecoder();

/** @throws {LowformerError} from each method, when `source` ends before. */
export function byteCursor(source: ByteSource, start: number): ByteCursor {
  let window: Uint8Array = new Uint8Array(0);
  let windowStart = start;
  let position = start;

  function take(count: number): Uint8Array {
    if (position + count > windowStart + window.byteLength) {
      const available = Math.max(source.size - position, 0);
      window = readBytes(source, position, Math.max(count, Math.min(windowSize, available)));
      windowStart = position;
    }
    const bytes = window.subarray(position - windowStart, position - windowStart + count);
    position += count;
    return bytes;
  }

  function view(count: number): DataView {
    const bytes = take(count);
    return new DataView(bytes.buffer, bytes.byteOffset, count);
  }

  return {
    get position() {
      return position;
    },
    byte: () => view(1).getUint8(0),
    bytes: (count) => take(count).slice(),
    uint: (size) => {
      const bytes = view(size);
      return size === 1 ? bytes.getUint8(0) : size === 2 ? bytes.getUint16(0, true) : bytes.getUint32(0, true);
    },
    length64: () => Number(view(8).getBigUint64(0, true)),
    int32: () => view(4).getInt32(0, true),
    float64: () => view(8).getFloat64(0, false),
    line() {
      const bytes: number[] = [];
      for (let next = view(1).getUint8(0); next !== 0x0a; next = view(1).getUint8(0)) {
        bytes.push(next);
        if (bytes.length > longestLine) throw unreadable(source.path, 'a line end in the pickle');
      }
      return utf8.decode(Uint8Array.from(bytes));
    },
  };
}
