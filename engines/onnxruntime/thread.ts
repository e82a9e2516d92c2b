import { Worker } from 'node:worker_threads';
import { answerOfKind } from '../thread/answers.js';
import { nodeThread } from '../thread/node_thread.js';
import { type WorkerCalls, workerCalls } from '../thread/worker_calls.js';
import type { OnnxruntimeAnswer, OnnxruntimeRequest } from './protocol.js';

export type OnnxruntimeCalls = WorkerCalls<OnnxruntimeRequest, OnnxruntimeAnswer>;

/** Starts the thread that holds the runtime. */
export function startOnnxruntimeThread(): OnnxruntimeCalls {
  // Official builds for Linux and macOS report models and their use to Microsoft, and keep an identifier of
  // the machine on disk, unless told not to before they are loaded. A worker's own environment does not reach native code.
  process.env.ORT_DISABLE_TELEMETRY ??= '1';
  const program = nodeThread<OnnxruntimeRequest, OnnxruntimeAnswer>({
    start: (options) => new Worker(new URL('./onnxruntime_worker.js', import.meta.url), { ...options }),
    inCallingThread: async () => (await import('./session.js')).onnxruntimeSession(),
  });
  return workerCalls('onnxruntime', program);
}

/** The answer, which is of the kind that the request asks for. */
export function ask<Kind extends OnnxruntimeAnswer['kind']>(kind: Kind, answer: Promise<OnnxruntimeAnswer>) {
  return answerOfKind('onnxruntime', kind, answer);
}
