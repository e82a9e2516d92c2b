import { malformedModel } from '../onnx_model.js';

/** Reads a sequence of chunks of any sizes as one run of bytes. */
export interface ByteStream {
  /** Bytes read so far. */
  readonly position: number;
  /** A protobuf varint, exact below 2^53. @throws {LowformerError} at the end of the bytes. */
  varint(): number;
  /** A copy of the next `length` bytes. @throws {LowformerError} when fewer are left. */
  bytes(length: number): Uint8Array;
  /** A copy of the bytes of a protobuf varint. @throws {LowformerError} at the end of the bytes. */
  varintBytes(): Uint8Array;
  /** The next `length` bytes as views on the chunks, each valid until the next is asked for. */
  views(length: number): Generator<Uint8Array>;
  /** @throws {LowformerError} when bytes are left. */
  expectEnd(): void;
  /** Tells the chunks' maker that no more are wanted. */
  close(): void;
}

/** The longest varint: 64 bits, 7 in each byte. */
const VARINT_BYTES = 10;

export function byteStream(chunks: Iterable<Uint8Array>): ByteStream {
  const iterator = chunks[Symbol.iterator]();
  let chunk: Uint8Array = new Uint8Array();
  let at = 0;
  let passed = 0;

  /** Makes sure that the chunk has a byte left. */
  const fill = (): void => {
    while (at === chunk.length) {
      passed += chunk.length;
      at = 0;
      chunk = new Uint8Array();
      const next = iterator.next();
      if (next.done === true) throw malformedModel(`the bytes end at ${passed}, in the middle of a field`);
      chunk = next.value;
    }
  };

  const varintBytes = (): Uint8Array => {
    const bytes: number[] = [];
    for (let byte = 0x80; byte >= 0x80; bytes.push(byte)) {
      fill();
      byte = chunk[at++] ?? 0;
      if (bytes.length === VARINT_BYTES) throw malformedModel(`a number of more than ten bytes ends at ${passed + at}`);
    }
    return Uint8Array.from(bytes);
  };

  function* views(length: number): Generator<Uint8Array> {
    for (let left = length; left > 0; ) {
      fill();
      const view = chunk.subarray(at, at + left);
      at += view.length;
      left -= view.length;
      yield view;
    }
  }

  return {
    get position() {
      return passed + at;
    },
    varint: () => varintBytes().reduceRight((value, byte) => value * 0x80 + (byte & 0x7f), 0),
    varintBytes,
    bytes: (length) => Buffer.concat(Array.from(views(length), (view) => view.slice())),
    views,
    expectEnd() {
      for (let left = chunk.length - at; ; ) {
        if (left > 0) throw malformedModel(`bytes are left after ${passed + at}`);
        const next = iterator.next();
        if (next.done === true) return;
        left = next.value.length;
      }
    },
    close: () => void iterator.return?.(),
  };
}
