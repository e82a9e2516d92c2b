/** Where the times were taken: without it they say nothing. */
import { arch, availableParallelism, release, totalmem, type } from 'node:os';
import { importOnnxruntime } from '../engines/onnxruntime/package.js';
import { threadLimit } from '../engines/thread/threads.js';
import { packageVersion } from '../files/package_version.js';
import { instructionSets, processorName } from '../files/processor.js';

export interface Machine {
  readonly processor: string;
  /** Those of its instruction sets that networks run faster by: `AVX2, FMA`. */
  readonly instructions: string;
  /** Processors that this process may use. */
  readonly cores: number;
  /** Threads that a network gets, and why so many. */
  readonly threads: string;
  readonly memory: string;
  readonly system: string;
  readonly node: string;
  readonly onnxruntime: string;
  readonly lowformer: string;
}

/** Reads the runtime's version from the runtime itself, so it has to be installed. */
export async function describeMachine(): Promise<Machine> {
  const threads = threadLimit();
  // The runtime would report its use to its makers unless told not to before it is loaded.
  process.env.ORT_DISABLE_TELEMETRY ??= '1';
  const { env } = await importOnnxruntime();
  return {
    processor: processorName(),
    instructions: instructionSets(),
    cores: availableParallelism(),
    threads: `${threads.threads} (${threads.reason})`,
    memory: `${(totalmem() / 2 ** 30).toFixed(1)} GiB`,
    system: `${type()} ${release()} ${arch()}`,
    node: process.version,
    onnxruntime: env.versions.node ?? 'unknown',
    lowformer: packageVersion(),
  };
}

/** A name for the machine's file: `amd-epyc_2-cores_linux-x64`. */
export function machineSlug({ processor, cores }: Pick<Machine, 'processor' | 'cores'>): string {
  return [processor, `${cores} cores`, `${process.platform} ${process.arch}`]
    .map((part) =>
      part
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-|-$/g, ''),
    )
    .join('_');
}
