import type { NetworkHost } from './network_host.js';
import type { HostAnswer, HostProgress, HostRequest } from './network_request.js';
import { type WorkerCalls, workerCalls } from './worker_calls.js';

/**
 * A host in a worker of its own; in the calling thread where that is asked for, or where no worker can start: a page of
 * another origin than its scripts, a policy that forbids it, a bundler that has lost the program.
 * @param say told the reason in the second case.
 */
export async function startHost(inWorker: boolean, say: (line: string) => void): Promise<NetworkHost> {
  if (inWorker) {
    try {
      // In this form, literally, bundlers recognise a program to be built.
      const worker = new Worker(new URL('./network_worker.js', import.meta.url), { type: 'module', name: 'lowformer' });
      const calls = workerCalls<HostRequest, HostAnswer, HostProgress>(worker);
      await calls.ready;
      return hostOf(calls);
    } catch (error) {
      say(`no worker could be started, and the network runs in the thread of the page: ${String(error)}`);
    }
  }
  const { networkHost } = await import('./network_host.js');
  return networkHost();
}

function hostOf({ call, stop }: WorkerCalls<HostRequest, HostAnswer, HostProgress>): NetworkHost {
  return {
    async load(network, onDownload) {
      const onProgress = (told: HostProgress) => {
        if (told.kind === 'download') onDownload(told.download);
      };
      const answer = await call({ kind: 'load', network }, { onProgress });
      if (answer.kind !== 'loaded') throw unexpected(answer);
      return answer;
    },
    async run(images, names, onTiming) {
      const onProgress = (told: HostProgress) => {
        if (told.kind === 'timing') onTiming(told.timing);
      };
      const answer = await call({ kind: 'run', images, names }, { onProgress });
      if (answer.kind !== 'ran') throw unexpected(answer);
      return answer.results;
    },
    dispose: async () => stop(),
  };
}

function unexpected({ kind }: HostAnswer): Error {
  return new Error(`the worker answered '${kind}'`);
}
