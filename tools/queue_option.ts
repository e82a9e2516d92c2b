/** `--queue`, for commands whose pictures workers may run, and for the workers. */
import { Option } from 'commander';
import { LowformerError } from '../core/errors.js';
import { AUTO } from '../engines/auto/choice.js';
import { PASSWORD_VARIABLE, queueAddress } from '../queue/address.js';
import type { QueueConnection } from '../queue/connection.js';

/** @param description what is done with it. */
export function queueOption(description: string): Option {
  return new Option('--queue <address>', `${description}: redis://HOST, redis://:PASSWORD@HOST:6379/0`);
}

/** @throws {LowformerError} for what is no address. */
export function checkQueueAddress(address: string): void {
  queueAddress(address, process.env[PASSWORD_VARIABLE]);
}

/** @throws {LowformerError} for an address, or a server, that cannot hold a queue. */
export async function openQueue(address: string): Promise<QueueConnection> {
  const { connectQueue } = await import('../queue/connection.js');
  return connectQueue(queueAddress(address, process.env[PASSWORD_VARIABLE]));
}

/**
 * Options that are the workers' own, and a choice that each of them might make otherwise.
 * @throws {LowformerError} where one is given with `--queue`.
 */
export function refuseWorkerOptions(given: {
  readonly threads?: number | undefined;
  readonly sessions?: number | undefined;
  readonly maxPixels?: number | undefined;
  readonly cache: boolean;
  readonly engine: string;
}): void {
  const { threads, sessions, maxPixels, cache, engine } = given;
  if (engine === AUTO) {
    const expected = 'an engine by its name beside --queue: every worker runs the same,';
    throw new LowformerError({ code: 'invalid-argument', where: '--engine', expected, received: engine });
  }
  const options = {
    '--threads': threads,
    '--sessions': sessions,
    '--max-pixels': maxPixels,
    '--no-cache': cache ? undefined : true,
  };
  for (const [where, received] of Object.entries(options)) {
    if (received === undefined) continue;
    const expected = 'no such option beside --queue: every worker has its own,';
    throw new LowformerError({ code: 'invalid-argument', where, expected, received });
  }
}
