/** Peak memory of one network, told by a process that does nothing else. */

import { execFile } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { LowformerError } from '../../core/errors.js';
import { PRECISIONS } from '../../graph/onnx/precision.js';
import { sizeName } from '../presentation/format.js';
import { type Memory, memorySchema, partSchema, sizeSchema } from '../record.js';

export const memoryJobSchema = z.strictObject({
  config: z.string(),
  part: partSchema,
  cfgOptions: z.array(z.string()).readonly(),
  allowMismatch: z.array(z.string()).readonly(),
  checkpoint: z.string().optional(),
  checkpointKey: z.string().optional(),
  size: sizeSchema,
  batch: z.int().positive(),
  engine: z.string(),
  device: z.string(),
  threads: z.int().positive().optional(),
  precision: z.enum(PRECISIONS),
  fastMath: z.boolean(),
});
/** What the process is to open and run. */
export type MemoryJob = z.output<typeof memoryJobSchema>;

const run = promisify(execFile);

/**
 * A second network in one process would find memory that the first has left, so each gets a process of its own, which
 * opens it and runs it twice. What a graphics device holds in memory of its own is not in the figure.
 * @throws {LowformerError} `invalid-argument` where that process ended early, mostly for want of memory; the signal's
 *   reason when aborted.
 */
export async function measureMemory(job: MemoryJob, signal: AbortSignal): Promise<Memory> {
  const extension = extname(new URL(import.meta.url).pathname);
  const program = fileURLToPath(new URL(`./child${extension}`, import.meta.url));
  const loader = extension === '.ts' ? ['--import', import.meta.resolve('jiti/register')] : [];
  const { stdout } = await run(process.execPath, [...loader, program, JSON.stringify(job)], { signal }).catch(
    (error: unknown) => {
      signal.throwIfAborted();
      throw endedEarly(job, error);
    },
  );
  return memorySchema.parse(JSON.parse(stdout));
}

const endingSchema = z.object({ signal: z.string().nullish(), stderr: z.string().default('') });

function endedEarly({ config, size, batch }: MemoryJob, cause: unknown): LowformerError {
  const { data } = endingSchema.safeParse(cause);
  const lines = (data?.stderr ?? '').trim().split('\n');
  const line = lines.find((text) => /Error:/.test(text)) ?? lines.at(-1) ?? '';
  const told = line.replace(/^\w*Error: /, '').replace(/\.?$/, '.');
  const reason = told === '.' ? `The system ended the process that tried it (${data?.signal ?? 'no signal'}).` : told;
  return new LowformerError({
    code: 'invalid-argument',
    where: `${config} at ${sizeName(size)} x ${batch}`,
    expected: 'a network, size and batch for which the memory is enough',
    hint: `${reason} With --no-memory it is not tried out first.`,
    cause,
  });
}
