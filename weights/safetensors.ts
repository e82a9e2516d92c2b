import { LowformerError } from '../core/errors.js';
import { elements, type Shape, type Tensors } from '../core/tensor.js';
import { writeWhole } from '../files/atomic_write.js';
import { LITTLE_ENDIAN } from './dtype.js';
import { openFile } from './open_file.js';
import { safetensorsDict } from './safetensors_dict.js';
import { longestHeader, METADATA, type SafetensorsType } from './safetensors_header.js';
import { MOST_AXES } from './state_dict.js';

/**
 * All tensors of a safetensors file as float32.
 * @throws {LowformerError} `unreadable-file` or `unreadable-checkpoint`.
 */
export async function readSafetensors(path: string): Promise<Tensors> {
  const file = openFile(path);
  try {
    const { tensors } = safetensorsDict(file);
    return Object.fromEntries([...tensors].map(([name, { shape, read }]) => [name, { shape, data: read() }]));
  } finally {
    file[Symbol.dispose]();
  }
}

/** The arrays that the format has a type for. Bytes of `Uint8ClampedArray` are U8. */
const ARRAYS = [
  [Float32Array, 'F32'],
  [Float64Array, 'F64'],
  [Int8Array, 'I8'],
  [Int16Array, 'I16'],
  [Int32Array, 'I32'],
  [BigInt64Array, 'I64'],
  [Uint8Array, 'U8'],
  [Uint8ClampedArray, 'U8'],
  [Uint16Array, 'U16'],
  [Uint32Array, 'U32'],
  [BigUint64Array, 'U64'],
] as const satisfies readonly (readonly [unknown, SafetensorsType])[];

/** Numbers of any type that safetensors has and JavaScript has an array for. */
export type WritableArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint8ClampedArray
  | Uint16Array
  | Uint32Array
  | BigUint64Array;

/** A tensor to be written, row-major, in the type of its array: `Int32Array` as I32. */
export interface WritableTensor {
  readonly shape: Shape;
  readonly data: WritableArray;
  /** `float16` where a `Uint16Array` holds the bits of such numbers, for which JavaScript has no array everywhere. */
  readonly dtype?: 'float16' | undefined;
}

/** Tensors by name. */
export type WritableTensors = Readonly<Record<string, WritableTensor>>;

interface Block {
  readonly name: string;
  readonly dtype: SafetensorsType;
  readonly shape: Shape;
  readonly data: WritableArray;
}

/**
 * Writes tensors as a safetensors file, whole or not at all: in the order given, but wider numbers first, so that all
 * start at multiples of their size.
 * @param metadata texts by name, which stand beside the tensors.
 * @throws {LowformerError} `unwritable-file`; `invalid-argument` for what is no tensor, for values that do not fill their
 * shape, for a name that cannot be written or that the format keeps for itself (`__metadata__`), for metadata that are no
 * texts.
 */
export async function writeSafetensors(
  path: string,
  tensors: WritableTensors,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const given = typeof tensors === 'object' && tensors !== null ? Object.entries(tensors) : undefined;
  if (given === undefined) throw invalid(path, 'tensors by name: {name: {shape, data}}', tensors);
  const blocks = given
    .map(([name, tensor]) => checked(path, name, tensor))
    .toSorted((a, b) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT);
  let end = 0;
  // Built of entries: a tensor called `__proto__` is one like any other.
  const header = Object.fromEntries([
    ...metadataEntry(path, metadata),
    ...blocks.map(({ name, dtype, shape, data }) => {
      const begin = end;
      end += data.byteLength;
      return [name, { dtype, shape, data_offsets: [begin, end] }] as const;
    }),
  ]);
  const json = new TextEncoder().encode(JSON.stringify(header));
  // Readers map the file: padded with spaces, the numbers start at a multiple of their size.
  const start = new Uint8Array(8 + Math.ceil(json.length / 8) * 8).fill(0x20);
  if (start.length - 8 > longestHeader) throw invalid(path, `names and shapes of at most ${longestHeader} bytes`);
  new DataView(start.buffer).setBigUint64(0, BigInt(start.length - 8), true);
  start.set(json, 8);
  await writeWhole(path, async (file) => {
    for (const block of [start, ...blocks.map(({ data }) => littleEndian(data))]) await file.writeFile(block);
  });
}

function metadataEntry(path: string, metadata: Readonly<Record<string, string>>) {
  const entries = Object.entries(metadata);
  for (const [name, text] of entries) {
    const isText = typeof text === 'string' && !/\p{Cs}/u.test(name + text);
    if (!isText) throw invalid(`${path}: metadata.${name}`, 'a text', text ?? null);
  }
  return entries.length === 0 ? [] : [[METADATA, Object.fromEntries(entries)] as const];
}

/** What a caller without a compiler may have got wrong. */
function checked(path: string, name: string, tensor: unknown): Block {
  // Half of a surrogate pair has no bytes in UTF-8.
  if (name === METADATA || /\p{Cs}/u.test(name)) throw invalid(path, 'a name that safetensors allows', name);
  const { shape, data, dtype }: { shape?: unknown; data?: unknown; dtype?: unknown } =
    typeof tensor === 'object' && tensor !== null ? tensor : {};
  const where = `${path}: ${name}`;
  if (!isShape(shape)) throw invalid(where, `a shape of at most ${MOST_AXES} whole numbers from 0 up`, shape ?? null);
  const array = arrayOf(data);
  if (array === undefined) {
    throw invalid(where, `data in a typed array (${ARRAYS.map(([type]) => type.name).join(', ')})`, data ?? null);
  }
  if (array.data.length !== elements(shape)) {
    throw invalid(where, `${elements(shape)} elements for shape [${shape.join(', ')}]`, array.data.length);
  }
  if (dtype === undefined) return { name, shape, ...array };
  if (dtype !== 'float16' || !(array.data instanceof Uint16Array)) {
    throw invalid(where, "no dtype, or 'float16' for bits in a Uint16Array", dtype);
  }
  return { name, shape, data: array.data, dtype: 'F16' };
}

function arrayOf(data: unknown): Pick<Block, 'dtype' | 'data'> | undefined {
  for (const [type, dtype] of ARRAYS) if (data instanceof type) return { dtype, data };
  return undefined;
}

function isShape(shape: unknown): shape is Shape {
  if (!Array.isArray(shape) || shape.length > MOST_AXES) return false;
  return Array.from(shape).every((extent) => Number.isSafeInteger(extent) && extent >= 0);
}

function invalid(where: string, expected: string, received?: unknown): LowformerError {
  return new LowformerError({
    code: 'invalid-argument',
    where,
    expected,
    ...(received === undefined ? {} : { received }),
  });
}

function littleEndian(data: WritableArray): Uint8Array {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (LITTLE_ENDIAN || data.BYTES_PER_ELEMENT === 1) return bytes;
  const copy = Buffer.from(bytes);
  return data.BYTES_PER_ELEMENT === 2 ? copy.swap16() : data.BYTES_PER_ELEMENT === 4 ? copy.swap32() : copy.swap64();
}
