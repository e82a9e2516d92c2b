import type { EngineOptions } from '../../engines/index.js';
import type { CommonOptions } from '../common_options.js';

/** How every network of a run is run, whatever its device. */
export type EngineSettings = Pick<CommonOptions, 'engine' | 'precision' | 'fastMath'> & {
  readonly threads: number | undefined;
};

/** The same as `createEngine` takes it. */
export function engineOptions(
  { threads, precision, fastMath }: EngineSettings,
  device: string,
  signal?: AbortSignal,
): EngineOptions {
  return {
    device,
    precision,
    fastMath,
    ...(threads === undefined ? {} : { threads }),
    ...(signal === undefined ? {} : { signal }),
  };
}
