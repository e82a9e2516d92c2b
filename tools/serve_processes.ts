/** `lowformer serve --processes N`: the process that starts the others. */
import { onAbort } from '../core/abort.js';
import { LowformerError } from '../core/errors.js';
import type { Log } from '../core/log.js';
import { canSupervise } from '../service/processes/role.js';
import { supervise } from '../service/processes/supervise.js';
import { reloadedOnHangup } from './reload_on_hangup.js';
import { ENDING, type Told } from './served_address.js';

export interface ProcessesOptions {
  readonly processes: number;
  /** Milliseconds that requests have at the end. */
  readonly time: number;
  /** Of the models. */
  readonly names: readonly string[];
  /** Reads keys and certificate again, before the processes do. */
  readonly renew: () => Promise<void>;
  readonly tell: (told: Told) => Promise<void>;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/**
 * Starts them, and keeps them until it is told to end. Where the first cannot be started, its exit code is this process', which
 * adds nothing to what it said.
 * @throws {LowformerError} `engine-failure` where none is left and none can be started again.
 */
export async function serveProcesses(options: ProcessesOptions): Promise<void> {
  const { processes, time, names, renew, tell, log, signal } = options;
  if (!canSupervise()) {
    const expected = '1 in a process that another program has started as one of several';
    throw new LowformerError({ code: 'invalid-argument', where: '--processes', expected, received: processes });
  }
  const supervision = await supervise({ processes, time, warn: log.warn });
  if ('exitCode' in supervision) {
    process.exitCode = supervision.exitCode;
    return;
  }
  try {
    signal.throwIfAborted();
    const all = { names, reload: supervision.reload, renew: () => renew().then(supervision.renew) };
    using _ = reloadedOnHangup(all, log);
    await tell(supervision);
    const told = new Promise<'told'>((resolve) => {
      onAbort(signal, () => resolve('told'));
    });
    const end = await Promise.race([told, supervision.failed]);
    if (end !== 'told') throw noneLeft();
    log.say(ENDING);
  } finally {
    await supervision.stop();
  }
}

function noneLeft(): LowformerError {
  const expected = 'a process that answers, but none is left, and none can be started again';
  return new LowformerError({ code: 'engine-failure', where: '--processes', expected, hint: 'They say why above.' });
}
