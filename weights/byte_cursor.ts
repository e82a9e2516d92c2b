import { type ByteSource, endsEarly, readBytes, unreadable } from './byte_source.js';

/** Reads bytes one after another, through a window: the pickle of a large file stands before gigabytes of weights. */
export interface ByteCursor {
  /** Of the next byte. */
  readonly position: number;
  byte(): number;
  /** A copy. */
  bytes(count: number): Uint8Array;
  /** Passes over bytes without reading them. @throws {LowformerError} when the source ends before. */
  skip(count: number): void;
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
const lineFeed = 0x0a;
const utf8 = new TextDecoder();

/** @throws {LowformerError} from each method, when `source` ends before. */
export function byteCursor(source: ByteSource, start: number): ByteCursor {
  let window: Uint8Array = new Uint8Array(0);
  let view = new DataView(window.buffer);
  let windowStart = start;
  /** Of the next byte, in the window. */
  let next = 0;

  /** Lets the window hold `count` bytes from the next one on. */
  function need(count: number): void {
    if (next + count <= window.length) return;
    const position = windowStart + next;
    const available = Math.max(source.size - position, 0);
    window = readBytes(source, position, Math.max(count, Math.min(windowSize, available)));
    view = new DataView(window.buffer);
    windowStart = position;
    next = 0;
  }

  /** Where `count` bytes that are read now begin in the window, which may be another one afterwards. */
  function take(count: number): number {
    need(count);
    next += count;
    return next - count;
  }

  return {
    get position() {
      return windowStart + next;
    },
    byte() {
      if (next >= window.length) need(1);
      const value = window[next] ?? 0;
      next++;
      return value;
    },
    bytes(count) {
      const from = take(count);
      return window.slice(from, from + count);
    },
    skip(count) {
      const position = windowStart + next + count;
      if (position > source.size) throw endsEarly(source.path, position, source.size);
      next += count;
      if (next <= window.length) return;
      window = new Uint8Array(0);
      view = new DataView(window.buffer);
      windowStart = position;
      next = 0;
    },
    uint(size) {
      const from = take(size);
      return size === 1 ? view.getUint8(from) : size === 2 ? view.getUint16(from, true) : view.getUint32(from, true);
    },
    length64() {
      const from = take(8);
      return Number(view.getBigUint64(from, true));
    },
    int32() {
      const from = take(4);
      return view.getInt32(from, true);
    },
    float64() {
      const from = take(8);
      return view.getFloat64(from, false);
    },
    line() {
      need(1);
      let end = window.indexOf(lineFeed, next);
      if (end < 0) {
        need(Math.min(longestLine, Math.max(source.size - windowStart - next, 1)));
        end = window.indexOf(lineFeed, next);
      }
      if (end < 0 || end - next > longestLine) {
        throw unreadable(source.path, `a line end within ${longestLine} bytes of a line in the pickle`);
      }
      const text = utf8.decode(window.subarray(next, end));
      next = end + 1;
      return text;
    },
  };
}
