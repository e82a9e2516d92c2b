import { reasonOf } from '../reason.js';

let warned = false;

/** Says once, as a warning of the process, that a network keeps the event loop from everything else. */
export function warnOfNoThread(name: string, cause: unknown): void {
  if (warned) return;
  warned = true;
  const message = `${name}: no thread can be started (${reasonOf(cause)}): networks run in the calling thread, which does nothing else meanwhile`;
  const detail =
    'A bundler must take the program of the thread along: docs/bundling.md of the package lowformer says how.';
  process.emitWarning(message, { type: 'LowformerWarning', code: 'LOWFORMER_NO_THREAD', detail });
}
