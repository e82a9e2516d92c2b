/**
 * Ending the process stops its threads, and a thread that is stopped inside native code of ONNX Runtime aborts the
 * whole process as soon as that code makes a JavaScript value. So the end of the process waits for it, as it would
 * have to anyway: native code cannot be interrupted. Code that never returns, as in a driver that hangs, would keep the
 * process for ever, since Node waits for every thread: then the process is killed.
 */
import { writeSync } from 'node:fs';

/** Shared with a thread: how many requests were sent and not yet answered, and whether the process ends. */
export interface BusyFlag {
  readonly memory: Int32Array<SharedArrayBuffer>;
  start(): void;
  /** The request could not be sent. */
  stop(): void;
  /** The thread has ended. */
  remove(): void;
}

export interface EndingTimes {
  /** Milliseconds after which it is said that the process waits. */
  readonly silent: number;
  /** Milliseconds after which it is killed. */
  readonly longest: number;
}

const flags = new Set<Int32Array<SharedArrayBuffer>>();
const REQUESTS = 0;
const ENDING = 1;
const TIMES: EndingTimes = { silent: 5000, longest: 60_000 };
let listening = false;

/** @param times of this process; those of the first call count. */
export function busyFlag(times: EndingTimes = TIMES): BusyFlag {
  const memory = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
  flags.add(memory);
  if (!listening) {
    listening = true;
    process.on('exit', () => waitUntilIdle(times));
  }
  return {
    memory,
    start: () => void Atomics.add(memory, REQUESTS, 1),
    stop: () => markIdle(memory),
    remove: () => void flags.delete(memory),
  };
}

function waitUntilIdle({ silent, longest }: EndingTimes): void {
  for (const flag of flags) Atomics.store(flag, ENDING, 1);
  const start = performance.now();
  const seconds = (milliseconds: number) => `${Math.round(milliseconds / 1000)} s`;
  if (idleWithin(start + silent)) return;
  say(`lowformer: waiting for what still runs in native code, ${seconds(longest)} at most`);
  if (idleWithin(start + longest)) return;
  say(
    `lowformer: native code has not returned within ${seconds(longest)}, as where a driver hangs: the process is killed`,
  );
  process.kill(process.pid, 'SIGKILL');
}

/** Whether all threads have answered by then, in `performance.now()`. */
function idleWithin(until: number): boolean {
  for (const memory of flags) {
    for (;;) {
      const requests = Atomics.load(memory, REQUESTS);
      if (requests <= 0) break;
      const left = until - performance.now();
      if (left <= 0) return false;
      Atomics.wait(memory, REQUESTS, requests, left);
    }
  }
  return true;
}

/** Nothing that is written later would come out. */
function say(line: string): void {
  try {
    writeSync(2, `${line}\n`);
  } catch {
    // stderr is closed: nobody reads it.
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
