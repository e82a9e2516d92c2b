/** SIGHUP: what a server was started with is read again. */
import { closeSync, openSync } from 'node:fs';
import { LowformerError } from '../core/errors.js';
import type { Log } from '../core/log.js';
import { onHangup } from '../files/interruption.js';
import type { Reload } from '../service/reload_routes.js';

export interface Reloading {
  /** Of the models, in the order in which they are loaded anew. */
  readonly names: readonly string[];
  readonly reload: Reload;
  /** Reads keys and certificate again. */
  readonly renew: () => Promise<void>;
}

/**
 * From now on SIGHUP has everything read again, one after another; what cannot be read stays as it was, with a warning. Another signal
 * that comes meanwhile has it done once more. Where the signal comes because the terminal was closed, it ends the server as before.
 * @returns disposing of it gives the signal its former meaning.
 */
export function reloadedOnHangup({ names, reload, renew }: Reloading, log: Log): Disposable {
  const hadTerminal = hasTerminal();
  let wanted = 0;
  const tried = async (what: string, work: () => Promise<void>) => {
    try {
      await work();
      log.say(`${what}: read again`);
    } catch (error) {
      const message =
        error instanceof LowformerError ? error.commandMessage : error instanceof Error ? error.message : error;
      log.warn(`${what}: stays as it was. ${message}`);
    }
  };
  const reloaded = async (name: string) => {
    const outcome = await reload(name);
    if (outcome.kind === 'busy') throw new Error('It is being loaded anew for somebody else.');
    if (outcome.kind === 'failed') throw new Error(outcome.reason);
  };
  const readAgain = async () => {
    for (; wanted > 0; wanted = Math.min(wanted - 1, 1)) {
      await tried('keys and certificate', renew);
      for (const name of names) await tried(name, () => reloaded(name));
    }
  };
  const off = onHangup(() => {
    if (hadTerminal ? !hasTerminal() : process.platform === 'win32') return false;
    wanted++;
    if (wanted === 1) void readAgain();
    return true;
  });
  return { [Symbol.dispose]: off };
}

/** Of one of several processes: the one that started it says what is to be done. */
export function unmovedByHangup(): Disposable {
  return { [Symbol.dispose]: onHangup(() => true) };
}

/** Whether there is a terminal that this process belongs to. */
function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}
