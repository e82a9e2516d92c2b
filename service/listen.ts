/** A server from its first request to its last. */
import { LowformerError } from '../core/errors.js';
import { isSystemError, listeningReason } from '../files/system_error.js';
import type { Service } from './create_service.js';

export interface Address {
  /** A name or number of this machine; `0.0.0.0` and `::` are all that it has. */
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
}

/**
 * Listens from now on.
 * @returns the address, as a client names it: `http://127.0.0.1:8080`.
 * @throws {LowformerError} `unavailable-address` where the system refuses.
 */
export async function listen({ app }: Pick<Service, 'app'>, { host, port }: Address): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new LowformerError({
      code: 'unavailable-address',
      where: 'serve',
      expected: 'an address that can be listened on',
      received: `${host}:${port}`,
      hint: `${listeningReason(error)} Name another with --port or --host; --port 0 takes a free one.`,
      cause: error,
    });
  }
}

/**
 * Refuses what comes, answers what was accepted, and ends.
 * @param time milliseconds after which connections whose requests are not over yet are cut.
 */
export async function stop({ app, refuse }: Pick<Service, 'app' | 'refuse'>, time: number): Promise<void> {
  refuse();
  // A request whose body never comes would keep it for ever: Node looks after those no longer once it closes.
  const timer = setTimeout(() => app.server.closeAllConnections(), time);
  try {
    await app.close();
  } finally {
    clearTimeout(timer);
  }
}
