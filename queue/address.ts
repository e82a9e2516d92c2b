/** Where the queue is: `redis://HOST`, `rediss://USER:PASSWORD@HOST:PORT/DB`. */
import { LowformerError } from '../core/errors.js';

export interface QueueAddress {
  /** With its password: for the connection alone. */
  readonly whole: string;
  /** Without user and password: for messages and files. */
  readonly shown: string;
}

/** Where a password may stand that nobody is to see in a list of processes. */
export const PASSWORD_VARIABLE = 'LOWFORMER_QUEUE_PASSWORD';

/**
 * @param password taken where the address has none.
 * @throws {LowformerError} `invalid-argument` for what is no address of a Redis; its text is not repeated, since it may
 *   hold a password.
 */
export function queueAddress(text: string, password: string | undefined): QueueAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const database = url?.pathname ?? '';
  const known = url?.protocol === 'redis:' || url?.protocol === 'rediss:';
  if (url === undefined || !known || url.hostname === '' || !/^(?:\/\d*)?$/.test(database) || url.search !== '') {
    throw new LowformerError({
      code: 'invalid-argument',
      where: '--queue',
      expected: "a Redis or Valkey server's address, redis://HOST, redis://:PASSWORD@HOST:6379/0 or rediss://…",
    });
  }
  if (url.password === '' && password !== undefined && password !== '') url.password = encodeURIComponent(password);
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  return { whole: url.href, shown: bare.href.replace(/\/$/, '') };
}
