import { z } from 'zod';
import { elements, type Shape } from '../core/tensor.js';
import { type ByteSource, readBytes, unreadable } from './byte_source.js';
import { type DType, elementBytes } from './dtype.js';

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
  U8: 'uint8',
  BOOL: 'bool',
} as const satisfies Record<string, DType>;

type TypeName = keyof typeof safetensorsTypes;

export interface SafetensorsEntry {
  readonly name: string;
  readonly dtype: DType;
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
/** The reference implementation's own limit. */
const longestHeader = 100_000_000;

const count = z.int().nonnegative();
const entrySchema = z.object({
  dtype: z.enum(Object.keys(safetensorsTypes).filter((name): name is TypeName => name in safetensorsTypes)),
  shape: z.array(count),
  data_offsets: z.tuple([count, count]),
});
const metadataSchema = z.record(z.string(), z.string());

/** Length of the JSON header, in bytes; undefined when `source` cannot be a safetensors file. */
export function headerLength(source: ByteSource): number | undefined {
  if (source.size < lengthBytes + 2) return undefined;
  const start = readBytes(source, 0, lengthBytes + 1);
  const length = Number(new DataView(start.buffer).getBigUint64(0, true));
  return start[lengthBytes] === 0x7b ? length : undefined;
}

/**
 * Reads and checks the header (github.com/huggingface/safetensors): each tensor has as many bytes as its shape, and
 * the tensors fill the rest of the file with no overlap and no gap. Entries come in the order of their bytes.
 * @throws {LowformerError} `unreadable-checkpoint` otherwise.
 */
export function readHeader(source: ByteSource): SafetensorsHeader {
  const { path, size } = source;
  const length = headerLength(source);
  const room = Math.min(size - lengthBytes, longestHeader);
  if (length === undefined || length > room) {
    throw unreadable(path, `a safetensors header of at most ${room} bytes`, {
      received: length,
      hint: 'The file is truncated or damaged: copy or download it again.',
    });
  }
  const { __metadata__: metadata = {}, ...tensors } = parse(path, readBytes(source, lengthBytes, length));
  const parsed = Object.entries(tensors).map(([name, value]) => {
    const { dtype, shape, data_offsets } = entry(path, name, value);
    const [begin, end] = data_offsets;
    const bytes = elements(shape) * elementBytes[safetensorsTypes[dtype]];
    if (end - begin !== bytes) {
      throw unreadable(path, `${bytes} bytes for '${name}' (${dtype}, shape [${shape.join(', ')}])`, {
        received: data_offsets,
      });
    }
    return { name, dtype: safetensorsTypes[dtype], shape, begin, end };
  });
  parsed.sort((a, b) => a.begin - b.begin || a.end - b.end);

  const dataStart = lengthBytes + length;
  let filled = 0;
  for (const { name, begin, end } of parsed) {
    if (begin !== filled) {
      throw unreadable(path, `'${name}' to start at byte ${filled} of the data, where the tensor before it ends`, {
        received: begin,
      });
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

function parse(path: string, bytes: Uint8Array): Record<string, unknown> {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  } catch (cause) {
    throw unreadable(path, 'a JSON header, as safetensors files have', { hint: 'The file is damaged.', cause });
  }
}

function entry(path: string, name: string, value: unknown): z.output<typeof entrySchema> {
  const result = entrySchema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw unreadable(path, `a well-formed header entry for '${name}'`, {
    received: value,
    hint: `${issue?.path.join('.')}: ${issue?.message}`,
  });
}
