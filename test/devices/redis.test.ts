/** Runs that are given out over a real Redis: whatever happens on the way, the numbers are those of one process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../needs.js';
import { COMMAND, filesIn, folderIn, lowformer, temporaryFolder } from '../tools/command_line.js';
import { detector, drawPicture, expectMistake, writeModel, writePicture } from '../tools/tiny_models.js';
import { hasRedis, network, type RedisServer, redisServer } from './redis_server.js';

const cwd = temporaryFolder();
const COUNT = 120;
const children = new Set<ChildProcess>();
let server: RedisServer | undefined;
const redis = () => server ?? expect.fail('no server');
const read = (name: string) => readFileSync(join(cwd, name), 'utf8');
const evaluate = (name: string, ...more: readonly string[]) => [
  ...['evaluate', 'det.json', '--checkpoint', 'det.safetensors', '--images', 'images', '--annotations', 'gt.json'],
  ...['--predictions', `${name}.json`, '--json', `${name}.figures.json`, ...more],
];

beforeAll(async () => {
  if (!hasRedis) return;
  server = await redisServer(cwd, '--appendonly', 'yes', '--appendfsync', 'always');
  await writeModel(cwd, 'det', detector);
  const folder = folderIn(cwd, 'images');
  const images = Array.from({ length: COUNT }, (_, i) => ({ id: i, file_name: `${i}.png`, width: 90, height: 60 }));
  for (const { id, file_name } of images) await writePicture(join(folder, file_name), drawPicture(90, 60, 2 * id));
  const categories = [7, 3, 12].map((id, i) => ({ id, name: detector.metainfo.classes[i] }));
  const annotations = images.map(({ id }) => {
    return { id: id + 1, image_id: id, category_id: 7, bbox: [14, 3, 30, 24], area: 720, iscrowd: 0 };
  });
  writeFileSync(join(cwd, 'gt.json'), JSON.stringify({ images, categories, annotations }));
  const whole = await lowformer(evaluate('whole'), { cwd });
  expect(whole.code, whole.stderr).toBe(0);
}, 60_000);

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await server?.kill();
});

interface Started {
  readonly child: ChildProcess;
  readonly stderr: () => string;
  /** Once `text` is in stderr. */
  until(text: string | RegExp): Promise<void>;
  end(): Promise<number>;
}

function start(...args: readonly string[]): Started {
  const child = spawn(process.execPath, [COMMAND, ...args], { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
  children.add(child);
  let text = '';
  child.stderr.on('data', (piece: Buffer) => (text += piece.toString()));
  const ended = once(child, 'close').then(() => children.delete(child));
  return {
    child,
    stderr: () => text,
    async until(wanted) {
      while (child.exitCode === null && text.match(wanted) === null) await setTimeout(5);
      expect(text).toMatch(wanted);
    },
    async end() {
      await ended;
      return child.exitCode ?? -1;
    },
  };
}

const worker = (...more: readonly string[]) => start('worker', '--queue', redis().address, '--sessions', '1', ...more);

/** A journal with a few pictures in it: the run is at work. */
async function atWork(name: string): Promise<void> {
  for (;;) {
    const kept = filesIn(cwd).includes(`${name}.json.journal.jsonl`) ? read(`${name}.json.journal.jsonl`) : '';
    if (kept.split('\n').length > 4) return;
    await setTimeout(5);
  }
}

function expectWhole(name: string): void {
  expect(read(`${name}.json`)).toBe(read('whole.json'));
  expect(read(`${name}.figures.json`)).toBe(read('whole.figures.json'));
  expect(filesIn(cwd).filter((file) => file.startsWith(`${name}.`))).toEqual([`${name}.figures.json`, `${name}.json`]);
}

describe('a run over a queue', { ...needs('redis', hasRedis), timeout: 120_000 }, () => {
  test('ends with the figures of one process, to the bit; its workers end with it, and nothing is left in Redis', async () => {
    const workers = [worker('--once'), worker('--once')];
    const run = start(...evaluate('two', '--queue', redis().address));
    expect(await run.end(), run.stderr()).toBe(0);
    expect(run.stderr()).toMatch(/\[120\/120\] .*pictures\/s/);
    expectWhole('two');
    expect(await Promise.all(workers.map((one) => one.end()))).toEqual([0, 0]);
    for (const one of workers) expect(one.stderr()).toMatch(/run \w+ is over: \d+ pictures were done here/);
    const { loadQueuePackages } = await import('../../queue/packages.js');
    const client = new (loadQueuePackages().Redis)(redis().address, {});
    expect(await client.info()).not.toMatch(/^db0:/m);
    client.disconnect();
  });

  test('loses nothing with a worker that is killed, with a Redis that is killed and started again', async () => {
    const victim = worker();
    const run = start(...evaluate('killed', '--queue', redis().address));
    await atWork('killed');
    victim.child.kill('SIGKILL');
    await redis().kill();
    const heir = worker('--once');
    expect(await heir.end()).toBe(2);
    await redis().start();
    const last = worker();
    expect(await run.end(), run.stderr()).toBe(0);
    expect(run.stderr()).toMatch(/the connection is lost .*: waiting for it/);
    expect(run.stderr()).toContain('the connection is back');
    expectWhole('killed');
    last.child.kill('SIGTERM');
    expect(await last.end(), last.stderr()).toBe(0);
  });

  test('goes on after the network was cut for 30 s', async () => {
    await using line = await network(redis().port);
    const one = worker();
    const run = start(...evaluate('cut', '--queue', line.address));
    await atWork('cut');
    line.cut();
    await setTimeout(30_000);
    expect(run.child.exitCode).toBeNull();
    line.mend();
    expect(await run.end(), run.stderr()).toBe(0);
    expectWhole('cut');
    one.child.kill('SIGKILL');
    await one.end();
  });

  test('is not counted twice where shards are given out twice, and goes on where its giver was killed', async () => {
    const run = start(...evaluate('double', '--queue', redis().address));
    await run.until('no worker is at');
    const { loadQueuePackages } = await import('../../queue/packages.js');
    const { bullmq, Redis } = loadQueuePackages();
    const client = new Redis(redis().address, { maxRetriesPerRequest: null });
    const [id = ''] = await client.smembers('lowformer:runs');
    const queue = new bullmq.Queue(id, { connection: client, prefix: 'lowformer', skipVersionCheck: true });
    // Jobs as they are there, once more under other names.
    const copies = Array.from({ length: 10 }, (_, shard) => {
      const files = [2 * shard, 2 * shard + 1].map((i) => join(cwd, 'images', `${i}.png`));
      const opts = { jobId: `copy-${shard}`, attempts: 1, backoff: 1 };
      return { name: 'shard', data: { shard, files, without: [] }, opts };
    });
    await queue.addBulk(copies);
    await queue.close();
    client.disconnect();
    const one = worker();
    await atWork('double');
    run.child.kill('SIGKILL');
    await run.end();
    const again = start(...evaluate('double', '--queue', redis().address, '--resume'));
    // The killed one's announcement would lapse in a minute and a half: another worker need not wait for that.
    const other = worker();
    expect(await again.end(), again.stderr()).toBe(0);
    expect(again.stderr()).toContain('pictures are done already');
    expectWhole('double');
    for (const { child } of [one, other]) child.kill('SIGKILL');
  });

  test('names a picture that cannot be read, and keeps what came before it', async () => {
    const good = join(cwd, 'images', '77.png');
    copyFileSync(good, join(cwd, 'kept.png'));
    const whole = readFileSync(good);
    // Its header is whole: that alone is read before the work begins.
    writeFileSync(good, whole.subarray(0, whole.length / 2));
    const one = worker('--once');
    const alone = await lowformer(evaluate('bad', '--quiet'), { cwd });
    const message = expectMistake(await lowformer(evaluate('bad2', '--quiet', '--queue', redis().address), { cwd }));
    expect(message).toContain('images/77.png: ');
    expect(message).toBe(expectMistake(alone));
    renameSync(join(cwd, 'kept.png'), good);
    await one.end();
    const two = worker('--once');
    const resumed = await lowformer(evaluate('bad2', '--resume', '--queue', redis().address), { cwd });
    expect(resumed.code, resumed.stderr).toBe(0);
    expectWhole('bad2');
    await two.end();
  });
});

describe('detect over a queue', { ...needs('redis', hasRedis), timeout: 120_000 }, () => {
  test('writes the records of one process, and names the picture that cannot be read once the others are done', async () => {
    writeFileSync(join(cwd, 'bad.png'), 'no picture');
    const detect = (name: string, ...more: readonly string[]) => [
      ...['detect', 'det.json', 'images', 'bad.png', '--checkpoint', 'det.safetensors', '--format', 'jsonl'],
      ...['--json', `${name}.jsonl`, '--quiet', ...more],
    ];
    const alone = expectMistake(await lowformer(detect('alone'), { cwd }));
    const one = worker('--once');
    const given = expectMistake(await lowformer(detect('given', '--queue', redis().address), { cwd }));
    expect(given).toBe(alone);
    expect(given).toMatch(/120.*\n {2}bad\.png: /s);
    expect(read('given.jsonl')).toBe(read('alone.jsonl'));
    expect(read('given.jsonl').trim().split('\n')).toHaveLength(COUNT);
    expect(await one.end(), one.stderr()).toBe(0);
  });
});

describe('what a queue cannot be', { ...needs('redis', hasRedis), timeout: 60_000 }, () => {
  test('a wrong password, and a Redis that evicts: one message, without the password', async () => {
    await using closed = await redisServer(cwd, '--appendonly', 'no', '--requirepass', 'sesame');
    for (const password of ['', ':wrongone@']) {
      const address = closed.address.replace('//', `//${password}`);
      const message = expectMistake(await lowformer(evaluate('x', '--queue', address), { cwd }));
      expect(message).toMatch(/^redis:\/\/127\.0\.0\.1:\d+: expected the password of this Redis/);
      expect(message).not.toContain('wrongone');
    }
    await using evicting = await redisServer(cwd, '--appendonly', 'no', '--maxmemory-policy', 'allkeys-lru');
    const message = expectMistake(await lowformer(['worker', '--queue', evicting.address], { cwd }));
    expect(message).toContain(
      "expected a Redis that evicts nothing (maxmemory-policy noeviction) but received 'allkeys-lru'",
    );
  });

  test('a worker with other weights, of another version, or without the pictures takes nothing, and says why', async () => {
    const elsewhere = folderIn(cwd, 'elsewhere');
    await writeModel(elsewhere, 'other', {
      ...detector,
      model: { ...detector.model, neck: { ...detector.model.neck } },
    });
    writeFileSync(
      join(elsewhere, 'other.safetensors'),
      Buffer.concat([readFileSync(join(cwd, 'det.safetensors')), Buffer.from(' ')]),
    );
    const run = start(...evaluate('wrong', '--queue', redis().address));
    await run.until('no worker is at');
    // A worker is known by its process: each has its own.
    const refused = async (...args: readonly string[]) => {
      const command = ['worker', '--queue', redis().address, '--once', '--quiet', ...args];
      return expectMistake(await lowformer(command, { cwd, process: 'own' }));
    };
    const weights = await refused('--weights', 'elsewhere/other.safetensors');
    expect(weights).toMatch(
      /other\.safetensors: expected the weights of this run \(SHA-256 \w{16}…\) but received '.*has \w{16}'/,
    );
    const blind = await refused('--path-map', `${cwd}/images=/nowhere`);
    expect(blind).toMatch(/^\/nowhere\/\d+\.png: expected the pictures of the run, which this machine does not see/);
    await run.until(/worker \S+ takes no pictures of this run: .*weights of this run/);
    const one = worker('--once');
    expect(await run.end(), run.stderr()).toBe(0);
    expectWhole('wrong');
    await one.end();
  });
});
