/** Threads of Node's as channels, and what happens where none can be started. */
import type { Worker, WorkerOptions } from 'node:worker_threads';
import { busyFlag } from './busy_threads.js';
import { callingThread, type LoadAnswering } from './calling_thread.js';
import type { Channel, ChannelEvents, OpenChannel, WorkerReply } from './channel.js';
import { warnOfNoThread } from './no_thread.js';
import { sourceLoader } from './own_program.js';

/** What a thread sends: first that its program has been loaded. */
export type ThreadMessage<Answer> = { readonly ready: true } | WorkerReply<Answer>;

export interface ThreadProgram<Request, Answer> {
  /**
   * Starts it. `new Worker(new URL('./x.js', import.meta.url), { ...options })` stands there as such: in that form, with an
   * object that is written out, bundlers find the program and take it along.
   */
  readonly start: (options: WorkerOptions) => Worker;
  /** The same program for the calling thread, where the other cannot be loaded; without it that is a failure. */
  readonly inCallingThread?: LoadAnswering<Request, Answer>;
}

/**
 * Starts a thread, which keeps the process alive only while it is held. Its `workerData` is an Int32Array, to be given to
 * `markIdle` after each reply and to `isEnding` before each request.
 *
 * Where it cannot be started, or its program cannot be loaded (a bundler has left it behind, a sandbox forbids threads),
 * the calling thread takes its place, with one warning. A thread that ends once it runs is no such case.
 */
export function nodeThread<Request, Answer>(program: ThreadProgram<Request, Answer>): OpenChannel<Request, Answer> {
  return (name, events) => {
    const { inCallingThread: load } = program;
    if (load === undefined) return openThread(name, program, events, undefined);
    const replacement = (cause: unknown): Channel<Request> => {
      warnOfNoThread(name, cause);
      return callingThread(name, load, events);
    };
    try {
      let channel = openThread(name, program, events, (cause) => {
        channel = replacement(cause);
        events.onReplaced();
      });
      return {
        post: (message, transfer) => channel.post(message, transfer),
        hold: (wanted) => channel.hold(wanted),
        terminate: () => channel.terminate(),
      };
    } catch (cause) {
      return replacement(cause);
    }
  };
}

/** @throws what keeps a thread from being started at once. */
function openThread<Request, Answer>(
  name: string,
  { start }: ThreadProgram<Request, Answer>,
  { onReply, onUnreadable, onEnd }: ChannelEvents<Answer>,
  onNotLoaded: ((cause: unknown) => void) | undefined,
): Channel<Request> {
  const busy = busyFlag();
  const worker = started(() => start({ ...sourceLoader(), name, workerData: busy.memory }), busy.remove);
  let loaded = false;
  let replaced = false;
  const end = (cause: unknown): void => {
    busy.remove();
    if (!replaced) onEnd(cause);
  };
  worker.unref();
  worker.on('message', (message: ThreadMessage<Answer>) => {
    loaded = true;
    if (!('ready' in message)) onReply(message);
  });
  worker.on('messageerror', onUnreadable);
  worker.on('error', (cause) => {
    if (loaded || onNotLoaded === undefined || isOutOfMemory(cause)) return end(cause);
    replaced = true;
    busy.remove();
    onNotLoaded(cause);
  });
  worker.on('exit', (code) => end(new Error(`its thread ended with code ${code}`)));
  return {
    post(message, transfer) {
      // Before the thread can have replied.
      busy.start();
      try {
        worker.postMessage(message, transfer);
      } catch (error) {
        busy.stop();
        throw error;
      }
    },
    hold: (wanted) => (wanted ? worker.ref() : worker.unref()),
    terminate: async () => void (await worker.terminate()),
  };
}

function started(start: () => Worker, onFailure: () => void): Worker {
  try {
    return start();
  } catch (cause) {
    onFailure();
    throw cause;
  }
}

/** Of the thread, which Node has ended: here the same would take the whole process. */
function isOutOfMemory(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ERR_WORKER_OUT_OF_MEMORY';
}
