/** How a command's options open a model. */
import type { Log } from '../core/log.js';
import type { LoadOptions } from '../models/load_model.js';
import { type CommonOptions, runningOptions } from './common_options.js';
import { fetchOptions } from './fetching.js';

/** What opening a model takes beside the common options. */
export interface OpeningOptions extends CommonOptions {
  readonly sessions?: number | undefined;
  /** Several looks at each picture. */
  readonly tta?: boolean;
  /** A detector's boxes at every pixel. */
  readonly denseBoxes?: boolean | undefined;
  readonly signal: AbortSignal;
}

/** Options of `loadModel`. */
export function loadOptions(options: OpeningOptions, log: Log): LoadOptions {
  const { checkpoint, checkpointKey, signal } = options;
  return {
    allowMismatch: options.allowMismatch,
    cfgOptions: options.cfgOptions,
    engine: options.engine,
    keepNetwork: options.cache,
    ...fetchOptions(options, log, signal),
    ...runningOptions(options),
    ...(options.tta === true ? { tta: true } : {}),
    ...(options.denseBoxes === true ? { denseBoxes: true } : {}),
    ...(checkpoint === undefined ? {} : { checkpoint }),
    ...(checkpointKey === undefined ? {} : { checkpointKey }),
    ...(options.sessions === undefined ? {} : { sessions: options.sessions }),
  };
}
