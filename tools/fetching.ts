/** Downloads as the command line shows them, and the options that they have there. */
import type { Log, Progress } from '../core/log.js';
import type { FetchOptions } from '../models/fetch_checkpoint.js';
import type { DownloadProgress } from '../weights/download/download.js';

/** What `--offline` is for. */
export const OFFLINE = 'download nothing: take weights that were downloaded before';

interface Given {
  readonly offline: boolean;
}

/** How a command downloads weights. Without `--offline` LOWFORMER_OFFLINE counts. */
export function fetchOptions({ offline }: Given, log: Log, signal?: AbortSignal) {
  return {
    ...(offline ? { offline } : {}),
    ...(signal === undefined ? {} : { signal }),
    onMessage: log.say,
    onDownload: downloadProgress(log),
  } satisfies FetchOptions;
}

/** A bar, or lines, of the megabytes that are still to come. */
export function downloadProgress(log: Log): (progress: DownloadProgress) => void {
  let shown: { readonly progress: Progress; readonly start: number; done: number } | undefined;
  return ({ address, received, total, state }) => {
    if (total === undefined) return;
    shown ??= { progress: log.progress(megabytes(total - received), 'MB'), start: received, done: 0 };
    const done = received - shown.start;
    const reached = received === total ? megabytes(done) : Math.floor(done / 1e6);
    for (; shown.done < reached; shown.done++) shown.progress.done(address.slice(address.lastIndexOf('/') + 1));
    if (state === 'running') return;
    shown.progress.stop();
    shown = undefined;
  };
}

function megabytes(bytes: number): number {
  return Math.ceil(bytes / 1e6);
}
