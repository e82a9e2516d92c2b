import { Worker } from 'node:worker_threads';
import { nodeThread } from '../thread/node_thread.js';
import { threadLimit } from '../thread/threads.js';
import { type WorkerCalls, workerCalls } from '../thread/worker_calls.js';
import type { TfjsAnswer, TfjsRequest } from './protocol.js';

export type TfjsCalls = WorkerCalls<TfjsRequest, TfjsAnswer>;

/** What the user's environment says goes before what an engine is told. */
const GIVEN_THREADS = process.env.TF_NUM_INTRAOP_THREADS;

/**
 * Starts the thread that holds the network: TensorFlow.js computes where it is called, and would keep the event loop
 * from everything else.
 * @param threads for TensorFlow's native library, which asks the process's environment, and that when it is first loaded.
 */
export function startTfjsThread(threads = threadLimit().threads): TfjsCalls {
  // A worker's own environment does not reach native code.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  process.env.TF_NUM_INTRAOP_THREADS = GIVEN_THREADS ?? String(threads);
  process.env.TF_NUM_INTEROP_THREADS ??= '1';
  // What TensorFlow.js writes to the console stays in the thread: what matters is thrown as well.
  const program = nodeThread<TfjsRequest, TfjsAnswer>({
    start: (options) =>
      new Worker(new URL('./tfjs_worker.js', import.meta.url), { ...options, stdout: true, stderr: true }),
    inCallingThread: async () => (await import('./session.js')).tfjsSession(),
  });
  return workerCalls('tfjs', program);
}
