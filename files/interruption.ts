/**
 * Ctrl-C, the system's polite request to end, and a terminal that is closed.
 *
 * A handler hears a signal only between two pieces of synchronous work: while a file of a gigabyte is parsed or scored,
 * or a config's own code runs, it would hear nothing. So there are handlers only while something is at work that can be
 * given up tidily, which is where `listening` is called: pictures are run, a picture or a list is written piece by piece.
 * All else is ended by the system itself, at once: there is nothing to tidy, since files are written whole or not at all,
 * and what a process leaves behind when it is ended is removed by the next (`files/left_behind.ts`).
 */

export interface Interruption {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** What shells expect of a process that such a signal ended: 130 for Ctrl-C; undefined while none was heard. */
  exitCode(): number | undefined;
}

const NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
const NAMES = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;

const controller = new AbortController();
let code: number | undefined;
let listeners = 0;
let suspensions = 0;
let attached = false;
let hangup: (() => boolean) | undefined;

/** Of this process. */
export const interruption: Interruption = { signal: controller.signal, exitCode: () => code };

/**
 * While `work` runs, the first signal aborts `interruption.signal` and `work` has to end soon; the next one ends the
 * process at once, whatever it is doing.
 */
export async function listening<Result>(work: () => Promise<Result>): Promise<Result> {
  listeners++;
  update();
  try {
    return await work();
  } finally {
    listeners--;
    update();
  }
}

/** Within `listening`: of work that may be synchronous for long and has nothing to tidy, the system ends the process. */
export async function notListening<Result>(work: () => Promise<Result>): Promise<Result> {
  suspensions++;
  update();
  try {
    return await work();
  } finally {
    suspensions--;
    update();
  }
}

/**
 * Within `listening`: what SIGHUP means to a program that goes on without a terminal.
 * @param handler true where that is all; false where it ends the work like the other signals.
 * @returns to be called when the signal means what it did before.
 */
export function onHangup(handler: () => boolean): () => void {
  hangup = handler;
  return () => {
    hangup = undefined;
  };
}

/** All is done, or has failed: a signal that comes now ends the process with the exit code that says so. */
export function finished(): void {
  for (const name of NAMES) process.on(name, () => process.exit());
}

function update(): void {
  const wanted = listeners > 0 && suspensions === 0 && code === undefined;
  if (wanted === attached) return;
  attached = wanted;
  for (const name of NAMES) {
    if (wanted) process.on(name, interrupt);
    else process.removeListener(name, interrupt);
  }
}

function interrupt(name: NodeJS.Signals): void {
  if (name === 'SIGHUP' && code === undefined && hangup?.() === true) return;
  // Two that came during one piece of synchronous work are heard together.
  if (code !== undefined) process.exit(code);
  code = 128 + (name === 'SIGHUP' || name === 'SIGINT' || name === 'SIGTERM' ? NUMBERS[name] : 0);
  // Before whatever the abort sets going, and after what was heard together.
  setImmediate(update);
  controller.abort();
}
