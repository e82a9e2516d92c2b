/** The part of onnx.proto (ONNX 1.12, IR version 8) that the writer uses: field numbers and types. */
import protobuf from 'protobufjs/minimal.js';

interface Field {
  readonly id: number;
  /** A scalar, or the name of a message. */
  readonly type: string;
  readonly repeated?: true;
}

const field = (id: number, type: string): Field => ({ id, type });
const repeated = (id: number, type: string): Field => ({ id, type, repeated: true });

/** Fields by number, ascending: the order in which they are written. */
const MESSAGES: Readonly<Record<string, Readonly<Record<string, Field>>>> = {
  ModelProto: {
    irVersion: field(1, 'int64'),
    producerName: field(2, 'string'),
    producerVersion: field(3, 'string'),
    docString: field(6, 'string'),
    opsetImport: repeated(8, 'OperatorSetIdProto'),
    metadataProps: repeated(14, 'StringStringEntryProto'),
  },
  OperatorSetIdProto: { domain: field(1, 'string'), version: field(2, 'int64') },
  StringStringEntryProto: { key: field(1, 'string'), value: field(2, 'string') },
  GraphProto: {
    node: repeated(1, 'NodeProto'),
    name: field(2, 'string'),
    initializer: repeated(5, 'TensorProto'),
    input: repeated(11, 'ValueInfoProto'),
    output: repeated(12, 'ValueInfoProto'),
  },
  NodeProto: {
    input: repeated(1, 'string'),
    output: repeated(2, 'string'),
    name: field(3, 'string'),
    opType: field(4, 'string'),
    attribute: repeated(5, 'AttributeProto'),
  },
  AttributeProto: {
    name: field(1, 'string'),
    f: field(2, 'float'),
    i: field(3, 'int64'),
    s: field(4, 'bytes'),
    ints: repeated(8, 'int64'),
    type: field(20, 'int32'),
  },
  TensorProto: {
    dims: repeated(1, 'int64'),
    dataType: field(2, 'int32'),
    name: field(8, 'string'),
    rawData: field(9, 'bytes'),
  },
  ValueInfoProto: { name: field(1, 'string'), type: field(2, 'TypeProto') },
  TypeProto: { tensorType: field(1, 'TensorTypeProto') },
  TensorTypeProto: { elemType: field(1, 'int32'), shape: field(2, 'TensorShapeProto') },
  TensorShapeProto: { dim: repeated(1, 'DimensionProto') },
  DimensionProto: { dimValue: field(1, 'int64'), dimParam: field(2, 'string') },
};

export type MessageName = 'ModelProto' | 'GraphProto' | 'TensorProto';

/** A message without its length: what follows its tag in the message that holds it. */
export function encode(name: MessageName, message: Readonly<Record<string, unknown>>): Uint8Array {
  return writeMessage(protobuf.Writer.create(), name, message).finish();
}

function writeMessage(
  writer: protobuf.Writer,
  name: string,
  message: Readonly<Record<string, unknown>>,
): protobuf.Writer {
  for (const [key, { id, type, repeated: several }] of Object.entries(MESSAGES[name] ?? {})) {
    const given = message[key];
    // As proto3 has it: what is a type's own default is left out.
    if (given === undefined || given === 0 || given === '') continue;
    const values: readonly unknown[] = several === true && Array.isArray(given) ? given : [given];
    if (several === true && type === 'int64') writeIntegers(writer, id, values);
    else for (const value of values) writeField(writer, id, type, value);
  }
  return writer;
}

/** Numbers of a field as one piece of bytes. */
function writeIntegers(writer: protobuf.Writer, id: number, values: readonly unknown[]): void {
  if (values.length === 0) return;
  writer.uint32((id << 3) | DELIMITED).fork();
  for (const value of values) writer.int64(Number(value));
  writer.ldelim();
}

function writeField(writer: protobuf.Writer, id: number, type: string, value: unknown): void {
  if (type === 'int32' && typeof value === 'number') writer.uint32(id << 3).int32(value);
  else if (type === 'int64' && typeof value === 'number') writer.uint32(id << 3).int64(value);
  else if (type === 'float' && typeof value === 'number') writer.uint32((id << 3) | FIXED32).float(value);
  else if (type === 'string' && typeof value === 'string') writer.uint32((id << 3) | DELIMITED).string(value);
  else if (type === 'bytes' && value instanceof Uint8Array) writer.uint32((id << 3) | DELIMITED).bytes(value);
  else if (type in MESSAGES && typeof value === 'object' && value !== null) {
    writeMessage(writer.uint32((id << 3) | DELIMITED).fork(), type, Object.fromEntries(Object.entries(value))).ldelim();
  } else throw new TypeError(`field ${id} of type ${type}: ${String(value)}`);
}

/** What a tag says of the bytes behind it, where it is not a number of variable length (0). */
const DELIMITED = 2;
const FIXED32 = 5;

/** The tag and the length that stand before a length-delimited field's bytes. */
export function fieldHeader(id: number, byteLength: number): Uint8Array {
  return protobuf.Writer.create()
    .uint32((id << 3) | DELIMITED)
    .uint32(byteLength)
    .finish();
}

export const FIELD = { modelGraph: 7, graphInitializer: 5, tensorRawData: 9 } as const;
export const FLOAT = 1;
export const UINT8 = 2;
export const INT8 = 3;
export const INT32 = 6;
export const INT64 = 7;
export const FLOAT16 = 10;
