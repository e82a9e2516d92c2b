/** What an ONNX file says beside its graph, read without reading that. */
import protobuf from 'protobufjs/minimal.js';
import { encode } from './proto.js';

export interface ModelFacts {
  /** Free text by its key. */
  readonly metadata: ReadonlyMap<string, string>;
  /** Where the last field of the file begins. */
  readonly lastField: number;
}

const METADATA = 14;
const [KEY, VALUE] = [1, 2];

/**
 * The facts of a model's file.
 * @returns undefined for bytes that are no protobuf message.
 */
export function modelFacts(bytes: Uint8Array): ModelFacts | undefined {
  const metadata = new Map<string, string>();
  let lastField = 0;
  try {
    const reader = protobuf.Reader.create(bytes);
    while (reader.pos < reader.len) {
      lastField = reader.pos;
      const tag = reader.uint32();
      if (tag >>> 3 !== METADATA || (tag & 7) !== 2) reader.skipType(tag & 7);
      else {
        const entry = entryOf(reader.bytes());
        metadata.set(entry.key, entry.value);
      }
    }
  } catch {
    return undefined;
  }
  return { metadata, lastField };
}

function entryOf(bytes: Uint8Array) {
  const entry = { key: '', value: '' };
  const reader = protobuf.Reader.create(bytes);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag >>> 3 === KEY) entry.key = reader.string();
    else if (tag >>> 3 === VALUE) entry.value = reader.string();
    else reader.skipType(tag & 7);
  }
  return entry;
}

/** One more line of metadata, to stand behind all else in a file. */
export function trailingMetadata(key: string, value: string): Uint8Array {
  return encode('ModelProto', { metadataProps: [{ key, value }] });
}
