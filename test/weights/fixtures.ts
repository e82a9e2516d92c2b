import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { LowformerError } from '../../core/errors.js';
import type { ParameterShape, StateDict } from '../../weights/state_dict.js';

export const folder = join(import.meta.dirname, '../fixtures/checkpoints');

const tensorSchema = z.object({ shape: z.array(z.int()), dtype: z.string(), sha256_f32: z.string() });
const manifestSchema = z.object({
  files: z.record(
    z.string(),
    z.object({
      format: z.string().optional(),
      refuse: z.boolean().optional(),
      meta: z.record(z.string(), z.unknown()).optional(),
      tensors: z.record(z.string(), tensorSchema).nullish(),
    }),
  ),
});

/** What the reference says of the files in `manifest.json`. */
export function manifest(path: string) {
  return manifestSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).files;
}

export function sha256(values: Float32Array | Uint8Array | BigInt64Array): string {
  return createHash('sha256')
    .update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    .digest('hex');
}

/**
 * The hash as the reference manifest has it. Its field is called `sha256_f32`, and for the floating types it is over
 * the float32 bytes; for int64 and bool, though, over the bytes of that type, to which the values are turned back.
 */
export function referenceSha256(dtype: string, values: Float32Array): string {
  if (dtype === 'int64') return sha256(BigInt64Array.from(values, BigInt));
  return sha256(dtype === 'bool' ? Uint8Array.from(values) : values);
}

/** A file that is gone after the test. */
export function temporaryFile(name: string, content: Uint8Array | string): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, content);
  return path;
}

export function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'lowformer-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

/** The error that `attempt` ends with, as `code: message`. */
export async function failure(attempt: () => unknown): Promise<string> {
  try {
    await attempt();
  } catch (error) {
    if (error instanceof LowformerError) return `${error.code}: ${error.message}`;
    throw error;
  }
  throw new Error('expected a LowformerError but nothing was thrown');
}

/** A file of these parameters; their values are not asked for. */
export function dictionary(parameters: readonly ParameterShape[]): StateDict {
  return new Map(
    parameters.map(({ name, shape }) => [name, { shape, dtype: 'float32', read: () => new Float32Array() }] as const),
  );
}
