/**
 * The board in Redis on which runs are announced and workers say what they do. An announcement lapses unless it is
 * renewed, so that what a killed process leaves behind is known for what it is, and removed by whoever comes next.
 */
import { z } from 'zod';
import { parsedJson } from '../core/parsed_json.js';
import { PREFIX, type QueueConnection } from './connection.js';

const RUNS = `${PREFIX}:runs`;
const runKey = (id: string) => `${PREFIX}:run:${id}`;
const workersKey = (id: string) => `${PREFIX}:workers:${id}`;

/** Seconds: longer than a network is away before somebody looks. */
const LAPSES_AFTER = 90;
/** Seconds without a renewal after which workers look for another run: whoever gave this one out may be gone, or away. */
const QUIET_AFTER = 30;
/** Milliseconds between two renewals. */
export const RENEWAL = 5000;

/** What a worker says of itself, of one run; workers of another version may say more. */
const workerSchema = z.object({
  /** Host and process. */
  name: z.string(),
  processor: z.string(),
  pictures: z.int().min(0),
  /** Seconds since it took its first shard. */
  seconds: z.number().min(0),
  /** Why it takes no shards. */
  refuses: z.string().optional(),
  /** So that what it said last can be told from what it says now. */
  beat: z.int(),
});
export type WorkerState = z.output<typeof workerSchema>;

/** Announces a run, or renews its announcement. */
export async function announce({ client }: QueueConnection, id: string, record: string): Promise<void> {
  await client.set(runKey(id), record, 'EX', LAPSES_AFTER);
  await client.sadd(RUNS, id);
}

/** Takes a run off the board, with its shards. */
export async function withdraw(connection: QueueConnection, id: string): Promise<void> {
  const { client } = connection;
  await client.del(runKey(id));
  await client.srem(RUNS, id);
  await removeShards(connection, id);
}

async function removeShards({ bullmq, client }: QueueConnection, id: string): Promise<void> {
  const queue = new bullmq.Queue(id, { connection: client, prefix: PREFIX, skipVersionCheck: true });
  queue.on('error', () => {});
  await queue.obliterate({ force: true });
  await queue.close();
  await client.del(workersKey(id));
}

/** The text of the announced run that was renewed last, but of those of `without`. What lapsed is removed. */
export async function announcedRun(
  connection: QueueConnection,
  without: ReadonlySet<string>,
): Promise<{ readonly id: string; readonly text: string } | undefined> {
  const { client } = connection;
  const ids = (await client.smembers(RUNS)).filter((id) => !without.has(id));
  const found = await Promise.all(ids.map(async (id) => ({ id, left: await client.ttl(runKey(id)) })));
  for (const { id, left } of found) if (left < 0) await withdraw(connection, id);
  const [first] = found.filter(({ left }) => isRenewed(left)).toSorted((a, b) => b.left - a.left);
  const text = first === undefined ? null : await client.get(runKey(first.id));
  return first === undefined || text === null ? undefined : { id: first.id, text };
}

/** Whether whoever gave the run out is still heard of. */
export async function isAnnounced({ client }: QueueConnection, id: string): Promise<boolean> {
  return isRenewed(await client.ttl(runKey(id)));
}

/** @param left seconds until the announcement lapses. */
function isRenewed(left: number): boolean {
  return left > LAPSES_AFTER - QUIET_AFTER;
}

export async function tellState({ client }: QueueConnection, id: string, state: WorkerState): Promise<void> {
  await client.hset(workersKey(id), state.name, JSON.stringify(state));
  await client.expire(workersKey(id), LAPSES_AFTER);
}

export async function leave({ client }: QueueConnection, id: string, name: string): Promise<void> {
  await client.hdel(workersKey(id), name);
}

/** What a worker's last steps may have left of a run that was withdrawn meanwhile. */
export async function sweep(connection: QueueConnection, id: string): Promise<void> {
  if ((await connection.client.ttl(runKey(id))) < 0) await removeShards(connection, id);
}

export async function workerStates({ client }: QueueConnection, id: string): Promise<readonly WorkerState[]> {
  const texts = Object.values(await client.hgetall(workersKey(id)));
  return texts.flatMap((text) => workerSchema.safeParse(parsedJson(text)).data ?? []);
}
