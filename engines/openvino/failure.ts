/** OpenVINO's errors in the toolkit's words. */
import { WorkerFailure } from '../thread/channel.js';

/** What the library said, of a call that failed. */
export class OpenvinoError extends Error {}

const OUT_OF_MEMORY = /bad_alloc|cannot allocate|(?:could not|failed to) allocate|out of memory|not enough memory/i;

/** The places in its own source that its messages open with: `Exception from src/inference/src/cpp/core.cpp:112:`. */
const PLACES = /^(?:Exception from \S+:\d+:|Check '.*' failed at \S+:\d+:|\[?\w*\]?\s*)$/;

/**
 * An error of the library as one of ours: `out-of-memory` where that was the reason, else `engine-failure`.
 * @param expected what was asked of it.
 */
export function failure(expected: string, error: unknown): WorkerFailure {
  if (error instanceof WorkerFailure) return error;
  const text = error instanceof Error ? error.message : String(error);
  const lines = text.split('\n').map((line) => line.trim());
  const reason = `OpenVINO: ${lines.find((line) => line !== '' && !PLACES.test(line)) ?? lines[0]}`;
  if (!OUT_OF_MEMORY.test(text)) {
    return new WorkerFailure({ code: 'engine-failure', where: 'openvino', expected, hint: reason });
  }
  const hint = `Try a smaller batch or smaller pictures (${reason})`;
  return new WorkerFailure({ code: 'out-of-memory', where: 'cpu', expected: `memory for ${expected}`, hint });
}
