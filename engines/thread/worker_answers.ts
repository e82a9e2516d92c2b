/** The loop inside a thread of Node's. */
import { parentPort, workerData } from 'node:worker_threads';
import { type Answering, replyTo } from './answers.js';
import { isEnding, markIdle } from './busy_threads.js';
import type { WorkerRequest } from './channel.js';
import type { ThreadMessage } from './node_thread.js';

/** Inside a thread of `nodeThread`: answers one request after the other, and none that is no longer wanted. */
export function answerRequests<Request, Answer>(answering: Answering<Request, Answer>): void {
  const flag = workerData instanceof Int32Array ? workerData : undefined;
  const send = (message: ThreadMessage<Answer>, transfer: readonly ArrayBuffer[] = []) =>
    parentPort?.postMessage(message, transfer);
  const handle = async ({ request, withdrawn }: WorkerRequest<Request>): Promise<void> => {
    const wanted = () => Atomics.load(withdrawn, 0) === 0 && (flag === undefined || !isEnding(flag));
    const reply = await replyTo(answering, request, wanted);
    send(reply, reply.failure === undefined ? answering.transfer(reply.answer) : []);
    if (flag !== undefined) markIdle(flag);
  };
  // A request that lies ready must not overtake the one that runs: not even a release, or one that is withdrawn.
  let turn = Promise.resolve();
  parentPort?.on('message', (message: WorkerRequest<Request>) => {
    turn = turn.then(() => handle(message));
  });
  send({ ready: true });
}
