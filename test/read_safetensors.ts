/**
 * Reads the reference values that the tests are held to: safetensors files of F32, I32 and I64.
 * Written apart from the toolkit's own reader, so that a fault in that one cannot hide itself.
 */
import { readFileSync } from 'node:fs';
import { endianness } from 'node:os';
import { z } from 'zod';
import type { Tensor } from '../core/tensor.js';

const entrySchema = z.object({
  dtype: z.enum(['F32', 'I32', 'I64']),
  shape: z.array(z.int().min(0)),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
});

/** The tensors of one file by kind; I64 values are narrowed to 32 bits, which is checked. */
export interface ReferenceFile {
  readonly names: readonly string[];
  /** @throws {Error} when there is no F32 tensor of that name. */
  float32(name: string): Tensor;
  /** @throws {Error} when there is no I32 or I64 tensor of that name. */
  integers(name: string): Int32Array;
}

/** Reads a whole file into memory. @throws {Error} on another dtype or a value beyond 32 bits. */
export function readSafetensors(path: string | URL): ReferenceFile {
  if (endianness() !== 'LE') throw new Error('the reference files are little-endian, and so must the machine be');
  const file = readFileSync(path);
  const headerLength = Number(file.readBigUInt64LE(0));
  const { __metadata__: _, ...header } = z
    .record(z.string(), z.unknown())
    .parse(JSON.parse(file.toString('utf8', 8, 8 + headerLength)));

  const floats = new Map<string, Tensor>();
  const integers = new Map<string, Int32Array>();
  for (const [name, value] of Object.entries(header)) {
    const { dtype, shape, data_offsets } = entrySchema.parse(value);
    // A copy into a buffer of its own: typed arrays must begin at a multiple of their element size.
    const bytes = new Uint8Array(file.subarray(8 + headerLength + data_offsets[0], 8 + headerLength + data_offsets[1]));
    if (dtype === 'F32') floats.set(name, { shape, data: new Float32Array(bytes.buffer) });
    else if (dtype === 'I32') integers.set(name, new Int32Array(bytes.buffer));
    else integers.set(name, Int32Array.from(new BigInt64Array(bytes.buffer), narrow));
  }
  return {
    names: [...floats.keys(), ...integers.keys()],
    float32: (name) => found(floats.get(name), name, path),
    integers: (name) => found(integers.get(name), name, path),
  };
}

function found<T>(value: T | undefined, name: string, path: string | URL): T {
  if (value === undefined) throw new Error(`${path}: no such tensor: ${name}`);
  return value;
}

function narrow(value: bigint): number {
  if (BigInt.asIntN(32, value) !== value) throw new Error(`${value} does not fit in 32 bits`);
  return Number(value);
}
