/** What giving pictures out over Redis costs beside the pictures themselves. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { categoryId, classIndex } from '../core/brands.js';
import type { Detections } from '../core/results.js';
import { queueAddress } from '../queue/address.js';
import { announcedRun } from '../queue/board.js';
import { connectQueue, type QueueConnection } from '../queue/connection.js';
import { queueRunner } from '../queue/queue_runner.js';
import { PROTOCOL } from '../queue/run_record.js';
import { serveRun } from '../queue/serve_run.js';
import { shardSize } from '../queue/shards.js';
import type { Cell, Report } from './report.js';
import { inTemporaryFolder } from './temporary_folder.js';

/** Where Debian has it. */
export const REDIS = '/usr/bin/redis-server';
const PORT = 7963;
/** Milliseconds that a picture takes; 0 shows what the queue itself can do. */
const PICTURE = 100;
const PICTURES_EACH = 96;
const BAR = 0.03;
/** Of a picture: what a detector finds in one of COCO's. */
const FOUND = 30;

/** The bar: at 100 ms a picture the queue costs less than 3 %, with 1, 2 and 4 workers. */
export async function benchmarkQueue(): Promise<Report> {
  return inTemporaryFolder(async (folder) => {
    const server = spawn(REDIS, ['--port', `${PORT}`, '--dir', folder, '--save', '', '--appendonly', 'yes'], {
      stdio: 'ignore',
    });
    try {
      await setTimeout(1000);
      const rows: Record<string, Cell>[] = [];
      for (const workers of [1, 2, 4]) rows.push(await measured(folder, workers, PICTURE, PICTURES_EACH * workers));
      rows.push(await measured(folder, 1, 0, 4096));
      return {
        title: 'A queue',
        how: `A giver and workers in one process, over a Redis with its append-only file on this machine; pictures are pauses of ${PICTURE} ms, so that no core is shared, and give ${FOUND} boxes. "overhead" is the time over what the pauses alone take; the last row has no pauses: what giver, worker and Redis do at most. "Redis" is what its server does for a shard: its processor time, commands, and what goes in and out; with pauses, what workers say of themselves meanwhile is in it.`,
        rows,
      };
    } finally {
      const ended = once(server, 'exit');
      server.kill();
      await ended;
    }
  });
}

async function measured(folder: string, workers: number, picture: number, pictures: number) {
  const files = Array.from({ length: pictures }, (_, i) => join(folder, `${i}.png`));
  for (const file of files) await writeFile(file, '');
  const connection = await connect();
  const others = await Promise.all(Array.from({ length: workers }, connect));
  const ended = new AbortController();
  const before = await redisUse(connection);
  const start = performance.now();
  const serving = others.map((own, i) => serve(own, `w${i}`, picture, ended.signal));
  await using runner = queueRunner<Detections>({
    connection,
    record: RECORD,
    labels: [LABEL],
    task: 'detection',
    log: LOG,
  });
  let done = 0;
  for await (const outcome of runner.run(files, { batchSize: 1, signal: ended.signal })) if (outcome.ok) done++;
  const seconds = (performance.now() - start) / 1000;
  if (done !== pictures) throw new RangeError(`${done} of ${pictures} pictures came back`);
  const after = await usedSoFar();
  ended.abort();
  await Promise.all(serving);
  for (const own of others) await own[Symbol.asyncDispose]();
  const ideal = (picture * pictures) / workers / 1000;
  const shards = Math.ceil(pictures / shardSize(pictures, 1));
  const overhead = picture === 0 ? undefined : seconds / ideal - 1;
  return {
    workers,
    'ms a picture': picture,
    pictures,
    'pictures a shard': shardSize(pictures, 1),
    'pictures/s': pictures / seconds,
    overhead: overhead ?? '',
    'Redis, ms a shard': (1000 * (after.seconds - before.seconds)) / shards,
    commands: (after.commands - before.commands) / shards,
    'kB in': (after.received - before.received) / shards / 1000,
    'kB out': (after.sent - before.sent) / shards / 1000,
    bar: overhead === undefined ? '' : BAR,
    kept: overhead === undefined ? '' : overhead < BAR ? 'yes' : 'no',
  };
}

const RECORD = {
  version: 'benchmark',
  protocol: PROTOCOL,
  from: 'benchmark',
  config: '{}',
  configDigest: '',
  checkpoint: { path: '', digest: '' },
  batchSize: 1,
  load: {},
} as const;
const LABEL = { classIndex: classIndex(0), categoryId: categoryId(1), category: 'thing' };
const LOG = { say() {}, warn() {}, progress: () => ({ timed: true, done() {}, stop() {} }) };

function connect(): Promise<QueueConnection> {
  return connectQueue(queueAddress(`redis://127.0.0.1:${PORT}`, undefined));
}

/** A worker whose pictures are pauses, one after the other however many shards it is at. */
async function serve(connection: QueueConnection, name: string, picture: number, signal: AbortSignal): Promise<void> {
  let run = await announcedRun(connection, new Set());
  for (; run === undefined; run = await announcedRun(connection, new Set())) await setTimeout(5);
  let last: Promise<unknown> = Promise.resolve();
  const model = {
    async *predictMany<Source>(sources: Iterable<Source> | AsyncIterable<Source>) {
      let index = 0;
      for await (const source of sources) {
        if (picture > 0) {
          last = last.then(() => setTimeout(picture));
          await last;
        }
        yield { ok: true, index: index++, source, image: IMAGE, result: RESULT, notes: [] } as const;
      }
    },
  };
  const id = run.id;
  await serveRun({ connection, id, batchSize: 1, model, name, processor: 'none', paths: [], onShard() {}, signal });
}

const IMAGE = { width: 1, height: 1, data: new Uint8Array(3) };
const RESULT: Detections = {
  kind: 'detection',
  width: 640,
  height: 480,
  detections: Array.from({ length: FOUND }, (_, i) => ({
    box: [i + 1 / 3, i + 1 / 7, 2 * i + Math.PI, 2 * i + Math.E],
    score: 1 / (i + 3),
    ...LABEL,
  })),
};

/** What the server has done so far: seconds of processor time, commands, bytes. */
async function redisUse({ client }: QueueConnection) {
  const info = await client.info();
  const value = (name: string) => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1] ?? 0);
  return {
    seconds: value('used_cpu_user') + value('used_cpu_sys'),
    commands: value('total_commands_processed'),
    received: value('total_net_input_bytes'),
    sent: value('total_net_output_bytes'),
  };
}

async function usedSoFar() {
  await using connection = await connect();
  return await redisUse(connection);
}
