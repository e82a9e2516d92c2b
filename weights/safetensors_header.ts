import { z } from 'zod';
import { cutEnd } from '../core/harmless.js';
import type { Shape } from '../core/tensor.js';
import { type ByteSource, readBytes, unreadable } from './byte_source.js';
import { type DType, elementBytes } from './dtype.js';
import { checkHeaderJson } from './safetensors_json.js';
import { elementCount, MOST_AXES } from './state_dict.js';
import type { Unread } from './unread_types.js';

/** The format's names of the element types that are read. */
export const safetensorsTypes = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  I64: 'int64',
  I32: 'int32',
  I16: 'int16',
  I8: 'int8',
  U64: 'uint64',
  U32: 'uint32',
  U16: 'uint16',
  U8: 'uint8',
  BOOL: 'bool',
} as const satisfies Record<string, DType>;

export type SafetensorsType = keyof typeof safetensorsTypes;

/** The format's other types, by torch's names; bits of an element. */
const unreadTypes = {
  C64: { dtype: 'complex64', bits: 64, unread: 'complex' },
  F8_E4M3: { dtype: 'float8_e4m3fn', bits: 8, unread: 'float8' },
  F8_E5M2: { dtype: 'float8_e5m2', bits: 8, unread: 'float8' },
  F8_E8M0: { dtype: 'float8_e8m0fnu', bits: 8, unread: 'float8' },
  F8_E4M3FNUZ: { dtype: 'float8_e4m3fnuz', bits: 8, unread: 'float8' },
  F8_E5M2FNUZ: { dtype: 'float8_e5m2fnuz', bits: 8, unread: 'float8' },
  F6_E2M3: { dtype: 'float6_e2m3', bits: 6, unread: 'packed' },
  F6_E3M2: { dtype: 'float6_e3m2', bits: 6, unread: 'packed' },
  F4: { dtype: 'float4_e2m1', bits: 4, unread: 'packed' },
} as const satisfies Record<string, UnreadElement & { readonly bits: number }>;

interface UnreadElement {
  /** torch's name. */
  readonly dtype: string;
  readonly unread: Unread;
}

/** What a tensor's elements are, and for those that are not read, why. */
export type ElementType = { readonly dtype: DType; readonly unread?: undefined } | UnreadElement;

function elementType(name: SafetensorsType | keyof typeof unreadTypes): ElementType & { readonly bits: number } {
  if (isUnread(name)) return unreadTypes[name];
  const dtype = safetensorsTypes[name];
  return { dtype, bits: 8 * elementBytes[dtype] };
}

function isUnread(name: string): name is keyof typeof unreadTypes {
  return name in unreadTypes;
}

export interface SafetensorsEntry {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: Shape;
  /** Bytes from the start of the file. */
  readonly start: number;
}

export interface SafetensorsHeader {
  readonly entries: readonly SafetensorsEntry[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** Bytes of the header's length, which the file opens with. */
const lengthBytes = 8;
/** The reference implementation's own limit, in bytes. */
export const longestHeader = 100_000_000;
/** `{}`. */
export const shortestHeader = 2;
/** The largest models that are published have some 100,000 tensors, over many files. */
const mostTensors = 250_000;

function keysOf<Table extends object>(table: Table): (keyof Table & string)[] {
  return Object.keys(table).filter((name): name is keyof Table & string => name in table);
}

const count = z.int().nonnegative();
const entrySchema = z.object({
  dtype: z.enum([...keysOf(safetensorsTypes), ...keysOf(unreadTypes)]),
  shape: z.array(count).max(MOST_AXES),
  data_offsets: z.tuple([count, count]),
});
const metadataSchema = z.record(z.string(), z.string());

/** What the first bytes of a file say of its JSON header's length, in bytes; undefined where none begins after them. */
export function headerLengthOf(start: Uint8Array): number | undefined {
  if (start.length <= lengthBytes || start[lengthBytes] !== 0x7b) return undefined;
  return Number(new DataView(start.buffer, start.byteOffset).getBigUint64(0, true));
}

/**
 * Reads and checks the header (github.com/huggingface/safetensors): each tensor has as many bytes as its shape, and
 * the tensors fill the rest of the file with no overlap and no gap. Entries come in the order of their bytes.
 * @throws {LowformerError} `unreadable-checkpoint` otherwise.
 */
export function readHeader(source: ByteSource): SafetensorsHeader {
  const { path, size } = source;
  const length = headerLengthOf(readBytes(source, 0, Math.min(size, lengthBytes + 1)));
  const room = Math.min(size - lengthBytes, longestHeader);
  if (length === undefined || length > room) {
    throw unreadable(path, `a safetensors header of at most ${room} bytes`, {
      received: length,
      hint: 'The file is truncated or damaged: copy or download it again.',
    });
  }
  const { metadata, tensors } = parse(path, readBytes(source, lengthBytes, length));
  const parsed = tensors.map(([name, value]) => {
    const { dtype, shape, data_offsets } = entry(path, name, value);
    const [begin, end] = data_offsets;
    const { bits, ...type } = elementType(dtype);
    const elements = elementCount(shape);
    const bytes = elements === undefined ? undefined : (elements * bits) / 8;
    if (end - begin !== bytes) {
      const expected = bytes === undefined ? 'fewer elements' : `${bytes} bytes`;
      throw unreadable(path, `${expected} for '${short(name)}' (${dtype}, shape [${shape.join(', ')}])`, {
        received: data_offsets,
      });
    }
    return { name, type, shape, begin, end };
  });
  parsed.sort((a, b) => a.begin - b.begin || a.end - b.end);

  const dataStart = lengthBytes + length;
  let filled = 0;
  for (const { name, begin, end } of parsed) {
    if (begin !== filled) {
      throw unreadable(
        path,
        `'${short(name)}' to start at byte ${filled} of the data, where the tensor before it ends`,
        {
          received: begin,
        },
      );
    }
    filled = end;
  }
  if (dataStart + filled !== size) {
    throw unreadable(path, `a file of ${dataStart + filled} bytes, as its header says`, {
      received: size,
      hint: dataStart + filled > size ? 'The file is truncated: copy or download it again.' : 'The file is damaged.',
    });
  }
  const entries = parsed.map(({ begin, end: _, ...rest }) => ({ ...rest, start: dataStart + begin }));
  return { entries, metadata: metadataSchema.safeParse(metadata).data ?? {} };
}

interface RawHeader {
  readonly metadata: unknown;
  readonly tensors: readonly (readonly [name: string, entry: unknown])[];
}

function parse(path: string, bytes: Uint8Array): RawHeader {
  const damaged = (cause?: unknown) =>
    unreadable(path, 'a JSON header, as safetensors files have', { hint: 'The file is damaged.', cause });
  let header: unknown;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    checkHeaderJson(path, text, mostTensors);
    header = JSON.parse(text);
  } catch (cause) {
    throw cause instanceof SyntaxError || cause instanceof TypeError ? damaged(cause) : cause;
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) throw damaged();
  const entries = Object.entries(header);
  return {
    metadata: entries.find(([name]) => name === METADATA)?.[1] ?? {},
    tensors: entries.filter(([name]) => name !== METADATA),
  };
}

/** The one name that the format keeps for itself. */
export const METADATA = '__metadata__';

function entry(path: string, name: string, value: unknown): z.output<typeof entrySchema> {
  const result = entrySchema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
  throw unreadable(path, `a well-formed header entry for '${short(name)}'`, {
    received: value,
    hint: `${place}${issue?.message}`,
  });
}

function short(name: string): string {
  return cutEnd(name, 200);
}
