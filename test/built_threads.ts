/**
 * Threads that run built programs. From TypeScript sources each of them compiles everything that it imports, which takes
 * seconds; that threads start from sources too is for `test/engines/thread` to say.
 */
import { pathToFileURL } from 'node:url';
import type { Worker, WorkerOptions } from 'node:worker_threads';
import { checkBuild } from './checked_build.js';
import { ROOT } from './workspace.js';

const HERE = pathToFileURL(ROOT).href;

/** For `vi.mock('node:worker_threads', …)`: the module, but that threads take the program of their name from `dist/`. */
export function withBuiltThreads<Module extends { readonly Worker: typeof Worker }>(module: Module): Module {
  checkBuild();
  class BuiltWorker extends module.Worker {
    constructor(program: string | URL, options: WorkerOptions = {}) {
      super(new URL(String(program).replace(HERE, `${HERE}dist/`)), { ...options, execArgv: [] });
    }
  }
  return { ...module, Worker: BuiltWorker };
}
