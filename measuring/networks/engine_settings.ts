import type { EngineOptions } from '../../engines/index.js';
import type { Precision } from '../../graph/onnx/precision.js';

/** How every network of a run is run, whatever its device. */
export interface EngineSettings {
  /** A name of `engines/`. */
  readonly engine: string;
  readonly precision: Precision;
  readonly fastMath: boolean;
  readonly threads: number | undefined;
}

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
