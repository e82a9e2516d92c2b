/** Connections to Redis or Valkey, after a look at whether it can hold a queue. */
import { LowformerError } from '../core/errors.js';
import { reasonOf } from '../engines/reason.js';
import type { QueueAddress } from './address.js';
import { type ClientOptions, loadQueuePackages, type QueuePackages, type RedisClient } from './packages.js';

/** Keys of all that is kept there begin so. */
export const PREFIX = 'lowformer';

/** Disposing of it closes every connection that it gave. */
export interface QueueConnection extends AsyncDisposable {
  readonly bullmq: QueuePackages['bullmq'];
  readonly address: string;
  /** For single commands; they wait while the server is away, and are sent when it is back. */
  readonly client: RedisClient;
  /** What becomes of the connection: told once when it is lost, and once when it is back. */
  onChange(listener: (state: 'lost' | 'back', reason: string) => void): void;
}

/** Milliseconds. */
const FIRST_ANSWER = 5000;
/** A server that says nothing for so long is taken for gone, and the connection is made anew. Heartbeats are more frequent. */
const SILENCE = 20_000;
const MOST_BETWEEN_ATTEMPTS = 2000;

const OPTIONS: ClientOptions = {
  maxRetriesPerRequest: null,
  connectTimeout: FIRST_ANSWER,
  socketTimeout: SILENCE,
  keepAlive: 5000,
  retryStrategy: (times) => Math.min(100 * times, MOST_BETWEEN_ATTEMPTS),
};

/**
 * @throws {LowformerError} `missing-package`; `invalid-argument` where no server answers, the password is wrong, or the
 *   server forgets what it is given when its memory is full: one message each, never with the password.
 */
export async function connectQueue(address: QueueAddress): Promise<QueueConnection> {
  const { bullmq, Redis } = loadQueuePackages();
  await examine(address, Redis);
  const client = new Redis(address.whole, OPTIONS);
  // The copy on which BullMQ waits for shards has a watchdog of BullMQ's. ioredis leaves its own timer behind where a connection is
  // closed while it waits: a worker that has ended would stay for these seconds.
  const duplicate = client.duplicate.bind(client);
  client.duplicate = (options) => duplicate({ ...options, socketTimeout: undefined });
  const listeners: ((state: 'lost' | 'back', reason: string) => void)[] = [];
  let lost = false;
  const tell = (state: 'lost' | 'back', reason: string) => {
    if (lost === (state === 'lost')) return;
    lost = state === 'lost';
    for (const listener of listeners) listener(state, reason);
  };
  let closing = false;
  client.on('error', (error: Error) => tell('lost', reasonOf(error)));
  client.on('close', () => closing || tell('lost', 'The connection was closed.'));
  client.on('ready', () => tell('back', ''));
  return {
    bullmq,
    address: address.shown,
    client,
    onChange: (listener) => void listeners.push(listener),
    async [Symbol.asyncDispose]() {
      closing = true;
      client.disconnect();
    },
  };
}

/** Whether there is a server that can hold a queue: known before any work is done. */
async function examine({ whole, shown }: QueueAddress, Redis: QueuePackages['Redis']): Promise<void> {
  const client = new Redis(whole, {
    ...OPTIONS,
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  let reason: unknown;
  client.on('error', (error: Error) => {
    reason ??= error;
  });
  try {
    await client.connect();
    checkServer(await client.info(), shown);
  } catch (error) {
    if (error instanceof LowformerError) throw error;
    throw refused(shown, reason ?? error);
  } finally {
    client.disconnect();
  }
}

function refused(shown: string, error: unknown): LowformerError {
  const text = reasonOf(error);
  const wrong = (expected: string, hint: string) =>
    new LowformerError({ code: 'invalid-argument', where: shown, expected, hint });
  if (/WRONGPASS|invalid password|NOAUTH|Authentication required/i.test(text)) {
    const hint = 'Give it as redis://:PASSWORD@HOST, or in the variable LOWFORMER_QUEUE_PASSWORD.';
    return wrong('the password of this Redis, which refuses the one that was given, or wants one', hint);
  }
  if (/NOPERM/.test(text)) return wrong('a user who may run the commands of a queue', text);
  return wrong('a Redis or Valkey server that answers', `${text}. Start one with: redis-server --appendonly yes`);
}

/** @param info what the command INFO gives. @throws {LowformerError} for a server that cannot hold a queue. */
export function checkServer(info: string, shown: string): void {
  const value = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
  const policy = value('maxmemory_policy') ?? 'noeviction';
  if (policy !== 'noeviction') {
    throw new LowformerError({
      code: 'invalid-argument',
      where: shown,
      expected: 'a Redis that evicts nothing (maxmemory-policy noeviction)',
      received: policy,
      hint: 'It would forget shards when its memory is full. Set it with: redis-cli config set maxmemory-policy noeviction',
    });
  }
  // Valkey says 7.2.4 here, the release of Redis that it is compatible with.
  const version = value('redis_version') ?? '';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < 6 || (major === 6 && minor < 2)) {
    const expected = 'Redis 6.2 or later, or Valkey';
    throw new LowformerError({ code: 'invalid-argument', where: shown, expected, received: version });
  }
}
