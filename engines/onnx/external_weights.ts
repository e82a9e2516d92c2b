/**
 * Parts an ONNX file, while it is read, into a small model and a file of weights beside it ("external data" of the ONNX
 * specification, docs/ExternalData.md): ONNX Runtime maps such a file, where it would hold a parsed copy of the other.
 */
import protobuf from 'protobufjs/minimal.js';
import { malformedModel, type OnnxModel } from '../onnx_model.js';
import { type ByteStream, byteStream } from './byte_stream.js';
import { EXTERNAL_LEAST_BYTES } from './model_source.js';

/** A page, so that each tensor can be mapped by itself. */
const ALIGNMENT = 4096;

const WIRE = { varint: 0, bits64: 1, bytes: 2, bits32: 5 } as const;
const MODEL = { graph: 7 } as const;
const GRAPH = { initializer: 5 } as const;
const TENSOR = { rawData: 9, externalData: 13, dataLocation: 14 } as const;
const ENTRY = { key: 1, value: 2 } as const;
const DATA_LOCATION_EXTERNAL = 1;

/** Yields bytes of the weights file, returns pieces of the model. */
type Parting = Generator<Uint8Array, readonly Uint8Array[]>;

/**
 * Yields the bytes of the weights file in order, each piece valid until the next is asked for, and returns the model,
 * which refers to them by the file name `location`.
 * @throws {LowformerError} `engine-failure` when the bytes are no protobuf message, or fewer or more than `model.byteLength`.
 */
export function* separateWeights(model: OnnxModel, location: string): Generator<Uint8Array, Uint8Array<ArrayBuffer>> {
  const stream = byteStream(model.chunks());
  let written = 0;

  function* rawData(size: number): Parting {
    const padding = (ALIGNMENT - (written % ALIGNMENT)) % ALIGNMENT;
    if (padding > 0) yield new Uint8Array(padding);
    const offset = written + padding;
    written = offset + size;
    yield* stream.views(size);
    return [reference({ location, offset: `${offset}`, length: `${size}` })];
  }
  const tensor = (size: number) =>
    fields(stream, size, (id, bytes) =>
      id === TENSOR.rawData && bytes >= EXTERNAL_LEAST_BYTES ? rawData(bytes) : undefined,
    );
  const graph = (size: number) =>
    fields(stream, size, (id, bytes) => (id === GRAPH.initializer ? nested(id, tensor(bytes)) : undefined));

  try {
    const parts = yield* fields(stream, model.byteLength, (id, bytes) =>
      id === MODEL.graph ? nested(id, graph(bytes)) : undefined,
    );
    stream.expectEnd();
    return joined(parts);
  } finally {
    stream.close();
  }
}

/** Copies the fields of a message of `length` bytes, except for those that `replace` takes over. */
function* fields(
  stream: ByteStream,
  length: number,
  replace: (id: number, byteLength: number) => Parting | undefined,
): Parting {
  const end = stream.position + length;
  const parts: Uint8Array[] = [];
  while (stream.position < end) {
    const key = stream.varint();
    const wire = key % 8;
    const size = wire === WIRE.bytes ? stream.varint() : undefined;
    if (size !== undefined && stream.position + size > end)
      throw malformedModel(`a field of ${size} bytes does not fit`);
    const replaced = size === undefined ? undefined : replace(Math.floor(key / 8), size);
    if (replaced !== undefined) parts.push(...(yield* replaced));
    else {
      const header = protobuf.Writer.create().uint32(key);
      if (size !== undefined) header.uint32(size);
      parts.push(header.finish(), size === undefined ? scalar(stream, wire) : stream.bytes(size));
    }
  }
  if (stream.position !== end) throw malformedModel(`a message ends at ${stream.position} where ${end} was declared`);
  return parts;
}

function scalar(stream: ByteStream, wire: number): Uint8Array {
  if (wire === WIRE.varint) return stream.varintBytes();
  if (wire === WIRE.bits64) return stream.bytes(8);
  if (wire === WIRE.bits32) return stream.bytes(4);
  throw malformedModel(`there is no wire type ${wire}`);
}

/** A message field around the parts of its message. */
function* nested(id: number, message: Parting): Parting {
  const parts = yield* message;
  return [protobuf.Writer.create().uint32(tag(id, WIRE.bytes)).uint32(total(parts)).finish(), ...parts];
}

/** What stands in a tensor in the place of its values. */
function reference(entries: Readonly<Record<string, string>>): Uint8Array {
  const writer = protobuf.Writer.create();
  for (const [key, value] of Object.entries(entries)) {
    writer.uint32(tag(TENSOR.externalData, WIRE.bytes)).fork();
    writer.uint32(tag(ENTRY.key, WIRE.bytes)).string(key).uint32(tag(ENTRY.value, WIRE.bytes)).string(value).ldelim();
  }
  return writer.uint32(tag(TENSOR.dataLocation, WIRE.varint)).int32(DATA_LOCATION_EXTERNAL).finish();
}

function tag(id: number, wire: number): number {
  return id * 8 + wire;
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(total(parts));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function total(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}
