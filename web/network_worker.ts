/** The program of a worker that holds one network, so that the page stays responsive. */
import { networkHost } from './network_host.js';
import type { HostAnswer, HostProgress, HostRequest } from './network_request.js';
import { answerCalls } from './worker_answers.js';

const host = networkHost();

answerCalls<HostRequest, HostAnswer, HostProgress>(async (request, tell) => {
  switch (request.kind) {
    case 'load':
      return {
        answer: {
          kind: 'loaded',
          ...(await host.load(request.network, (download) => tell({ kind: 'download', download }))),
        },
      };
    case 'run':
      return {
        answer: {
          kind: 'ran',
          results: await host.run(request.images, request.names, (timing) => tell({ kind: 'timing', timing })),
        },
      };
  }
});
