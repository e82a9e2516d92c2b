/**
 * Ending the process stops its threads, and a thread that is stopped inside native code of ONNX Runtime aborts the
 * whole process as soon as that code makes a JavaScript value. So the end of the process waits for it, as it would
 * have to anyway: native code cannot be interrupted.
 */

/** Shared with a thread: how many requests were sent and not yet answered, and whether the process ends. */
export interface BusyFlag {
  readonly memory: Int32Array<SharedArrayBuffer>;
  start(): void;
  /** The request could not be sent. */
  stop(): void;
  /** The thread has ended. */
  remove(): void;
}

const flags = new Set<Int32Array<SharedArrayBuffer>>();
const REQUESTS = 0;
const ENDING = 1;
const LONGEST_WAIT_MS = 60_000;
let listening = false;

export function busyFlag(): BusyFlag {
  const memory = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
  flags.add(memory);
  if (!listening) {
    listening = true;
    process.on('exit', () => {
      for (const flag of flags) Atomics.store(flag, ENDING, 1);
      for (const flag of flags) waitUntilIdle(flag);
    });
  }
  return {
    memory,
    start: () => void Atomics.add(memory, REQUESTS, 1),
    stop: () => markIdle(memory),
    remove: () => void flags.delete(memory),
  };
}

function waitUntilIdle(memory: Int32Array): void {
  const patience = performance.now() + LONGEST_WAIT_MS;
  for (let left = LONGEST_WAIT_MS; left > 0; left = patience - performance.now()) {
    const requests = Atomics.load(memory, REQUESTS);
    if (requests <= 0) return;
    Atomics.wait(memory, REQUESTS, requests, left);
  }
}

/** Called by the thread after each reply. */
export function markIdle(memory: Int32Array): void {
  Atomics.sub(memory, REQUESTS, 1);
  Atomics.notify(memory, REQUESTS);
}

/** Asked by the thread before it begins with a request: the process waits for what runs, not for what has not begun. */
export function isEnding(memory: Int32Array): boolean {
  return Atomics.load(memory, ENDING) === 1;
}
