import { Worker } from 'node:worker_threads';
import { answerOfKind } from '../thread/answers.js';
import { nodeThread } from '../thread/node_thread.js';
import { type WorkerCalls, workerCalls } from '../thread/worker_calls.js';
import type { OpenvinoAnswer, OpenvinoRequest } from './protocol.js';

export type OpenvinoCalls = WorkerCalls<OpenvinoRequest, OpenvinoAnswer>;

/** Starts the thread that holds the library's objects. */
export function startOpenvinoThread(): OpenvinoCalls {
  const program = nodeThread<OpenvinoRequest, OpenvinoAnswer>({
    start: (options) => new Worker(new URL('./openvino_worker.js', import.meta.url), { ...options }),
    inCallingThread: async () => (await import('./session.js')).openvinoSession(),
  });
  return workerCalls('openvino', program);
}

/** The answer, which is of the kind that the request asks for. */
export function ask<Kind extends OpenvinoAnswer['kind']>(kind: Kind, answer: Promise<OpenvinoAnswer>) {
  return answerOfKind('openvino', kind, answer);
}
