/**
 * Ending the process stops its threads, and a thread that is stopped inside native code of ONNX Runtime aborts the
 * whole process as soon as that code makes a JavaScript value. So the end of the process waits for it, as it would
 * have to anyway: native code cannot be interrupted.
 */

/** Shared with a thread: 1 from the moment when a request is sent until its reply was sent. */
export interface BusyFlag {
  readonly memory: Int32Array<SharedArrayBuffer>;
  start(): void;
  /** The request could not be sent. */
  stop(): void;
  /** The thread has ended. */
  remove(): void;
}

const flags = new Set<Int32Array<SharedArrayBuffer>>();
const LONGEST_WAIT_MS = 60_000;
let listening = false;

export function busyFlag(): BusyFlag {
  const memory = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  flags.add(memory);
  if (!listening) {
    listening = true;
    process.on('exit', () => {
      for (const flag of flags) Atomics.wait(flag, 0, 1, LONGEST_WAIT_MS);
    });
  }
  return {
    memory,
    start: () => void Atomics.store(memory, 0, 1),
    stop: () => markIdle(memory),
    remove: () => void flags.delete(memory),
  };
}

/** Called by the thread after its reply. */
export function markIdle(memory: Int32Array): void {
  Atomics.store(memory, 0, 0);
  Atomics.notify(memory, 0);
}
