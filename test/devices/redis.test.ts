/** Runs that are given out over a real Redis: whatever happens on the way, the numbers are those of one process. */
import { cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { documents } from '../docs/documents.js';
import { prepareFiles } from '../docs/prepared_files.js';
import { needs } from '../needs.js';
import { filesIn, folderIn, temporaryFolder } from '../tools/command_line.js';
import {
  classifier,
  detector,
  drawPicture,
  expectMistake,
  segmentor,
  writeModel,
  writePicture,
} from '../tools/tiny_models.js';
import { ROOT } from '../workspace.js';
import { ownRedis, type Started, start } from './queue_runs.js';
import { hasRedis, hasValkey, network, redisServer, VALKEY } from './redis_server.js';

// They wait for one another's locks and heartbeats most of the time.
vi.setConfig({ maxConcurrency: 20 });
const cwd = temporaryFolder();
const COUNT = 80;
const read = (name: string) => readFileSync(join(cwd, name), 'utf8');
const evaluate = (name: string, ...more: readonly string[]) => [
  ...['evaluate', 'det.json', '--checkpoint', 'det.safetensors', '--annotations', 'gt.json'],
  ...['--predictions', `${name}.json`, '--json', `${name}.figures.json`, ...more],
];
const run = (name: string, address: string, ...more: readonly string[]): Started =>
  start(evaluate(name, '--images', 'images', '--queue', address, ...more), { cwd });

beforeAll(async () => {
  if (!hasRedis) return;
  await writeModel(cwd, 'det', detector);
  const folder = folderIn(cwd, 'images');
  const images = Array.from({ length: COUNT }, (_, i) => ({ id: i, file_name: `${i}.png`, width: 90, height: 60 }));
  for (const { id, file_name } of images) await writePicture(join(folder, file_name), drawPicture(90, 60, 2 * id));
  const categories = [7, 3, 12].map((id, i) => ({ id, name: detector.metainfo.classes[i] }));
  const annotations = images.map(({ id }) => {
    return { id: id + 1, image_id: id, category_id: 7, bbox: [14, 3, 30, 24], area: 720, iscrowd: 0 };
  });
  writeFileSync(join(cwd, 'gt.json'), JSON.stringify({ images, categories, annotations }));
  const whole = start(evaluate('whole', '--images', 'images'), { cwd });
  expect(await whole.end(), whole.stderr()).toBe(0);
});

/** A folder of the same pictures, for a test that changes them. */
function copiedImages(name: string): string {
  cpSync(join(cwd, 'images'), join(cwd, name), { recursive: true });
  return name;
}

/** A journal with a few pictures in it: the run, whose worker is held in the middle, is at work. */
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

/** For a worker that does something else before it opens `picture`. @param instead a statement; `wait` gives a promise. */
function atOpening(picture: string, name: string, instead: string): Readonly<Record<string, string>> {
  const file = join(cwd, `${name}.mjs`);
  writeFileSync(
    file,
    `import { existsSync } from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { setTimeout as wait } from 'node:timers/promises';
const { open } = promises;
promises.open = async (path, ...more) => {
  if (String(path).endsWith('/${picture}')) ${instead};
  return open(path, ...more);
};
syncBuiltinESMExports();`,
  );
  return { NODE_OPTIONS: `--import ${pathToFileURL(file).href}` };
}

/** A worker's process ends when it reads a picture of that name, as if its decoder had been at fault. */
function deadlyAt(picture: string): Readonly<Record<string, string>> {
  return atOpening(picture, `deadly.${picture}`, "process.kill(process.pid, 'SIGKILL')");
}

/** Workers that come to a picture in the middle and wait there: however slow the machine, the run is under way until `release`. */
function heldInTheMiddle(name: string) {
  const released = join(cwd, `released.${name}`);
  const wait = `while (!existsSync(${JSON.stringify(released)})) await wait(20)`;
  return { env: atOpening('40.png', `held.${name}`, wait), release: () => writeFileSync(released, '') };
}

describe.concurrent('a run over a queue', { ...needs('redis', hasRedis), timeout: 240_000 }, () => {
  test('ends with the figures of one process, to the bit; its workers end with it, and nothing is left in Redis', async () => {
    await using redis = await ownRedis(cwd, 'two');
    const workers = [redis.worker(['--once']), redis.worker(['--once'])];
    const two = run('two', redis.address);
    expect(await two.end(), two.stderr()).toBe(0);
    expect(two.stderr()).toMatch(/\[80\/80\] .*pictures\/s/);
    expectWhole('two');
    expect(await Promise.all(workers.map((one) => one.end()))).toEqual([0, 0]);
    for (const one of workers) expect(one.stderr()).toMatch(/run \w+ is over: \d+ pictures were done here/);
    const { loadQueuePackages } = await import('../../queue/packages.js');
    const client = new (loadQueuePackages().Redis)(redis.address, {});
    expect(await client.info()).not.toMatch(/^db0:/m);
    client.disconnect();
  });

  test('loses nothing with a worker that is killed, with a Redis that is killed and started again', async () => {
    await using redis = await ownRedis(cwd, 'killed');
    const victim = redis.worker([], heldInTheMiddle('killed').env);
    const killed = run('killed', redis.address);
    await atWork('killed');
    victim.child.kill('SIGKILL');
    await redis.server.kill();
    const heir = redis.worker(['--once']);
    expect(await heir.end()).toBe(2);
    await redis.server.start();
    const last = redis.worker();
    expect(await killed.end(), killed.stderr()).toBe(0);
    expect(killed.stderr()).toMatch(/the connection is lost .*: waiting for it/);
    expect(killed.stderr()).toContain('the connection is back');
    expectWhole('killed');
    last.child.kill('SIGTERM');
    expect(await last.end(), last.stderr()).toBe(0);
  });

  test('goes on after the network was cut for 30 s', async () => {
    await using redis = await ownRedis(cwd, 'cut');
    await using line = await network(redis.server.port);
    const held = heldInTheMiddle('cut');
    const one = redis.worker([], held.env);
    const cut = run('cut', line.address);
    await atWork('cut');
    line.cut();
    await setTimeout(30_000);
    expect(cut.child.exitCode).toBeNull();
    held.release();
    line.mend();
    expect(await cut.end(), cut.stderr()).toBe(0);
    expectWhole('cut');
    one.child.kill('SIGKILL');
    await one.end();
  });

  test('is not counted twice where shards are given out twice, and goes on where its giver was killed', async () => {
    await using redis = await ownRedis(cwd, 'double');
    const double = run('double', redis.address);
    await double.until('no worker is at');
    const { loadQueuePackages } = await import('../../queue/packages.js');
    const { bullmq, Redis } = loadQueuePackages();
    const client = new Redis(redis.address, { maxRetriesPerRequest: null });
    const [id = ''] = await client.smembers('lowformer:runs');
    expect(await client.hgetall(`lowformer:${id}:meta`)).toMatchObject({ 'opts.maxLenEvents': '16' });
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
    const held = heldInTheMiddle('double');
    const one = redis.worker([], held.env);
    await atWork('double');
    double.child.kill('SIGKILL');
    await double.end();
    held.release();
    const again = run('double', redis.address, '--resume');
    // Before it is announced, a new worker would take the other for a run that goes on.
    await again.until('no worker is at');
    // The killed one's announcement would lapse in a minute and a half: another worker need not wait for that.
    const other = redis.worker();
    expect(await again.end(), again.stderr()).toBe(0);
    expect(again.stderr()).toContain('pictures are done already');
    expectWhole('double');
    for (const { child } of [one, other]) child.kill('SIGKILL');
  });

  test('names a picture that cannot be read, and keeps what came before it', async () => {
    await using redis = await ownRedis(cwd, 'bad');
    const images = copiedImages('damaged');
    const good = join(cwd, images, '77.png');
    const whole = readFileSync(good);
    // Its header is whole: that alone is read before the work begins.
    writeFileSync(good, whole.subarray(0, whole.length / 2));
    const one = redis.worker(['--once']);
    const command = (name: string, ...more: readonly string[]) =>
      start(evaluate(name, '--images', images, ...more), { cwd }).whole();
    const alone = await command('alone', '--quiet');
    const message = expectMistake(await command('bad', '--quiet', '--queue', redis.address));
    expect(message).toContain(`${images}/77.png: `);
    expect(message).toBe(expectMistake(alone));
    writeFileSync(good, whole);
    await one.end();
    const two = redis.worker(['--once']);
    const resumed = await command('bad', '--resume', '--queue', redis.address);
    expect(resumed.code, resumed.stderr).toBe(0);
    expectWhole('bad');
    await two.end();
  });

  test('names the picture at which its worker ends again and again, and the worker lives', async () => {
    await using redis = await ownRedis(cwd, 'fatal');
    const one = redis.worker([], deadlyAt('77.png'));
    const fatal = run('fatal', redis.address, '--quiet');
    const { code, stderr } = await fatal.whole();
    expect(stderr).toMatch(/^lowformer: \S+\/images\/77\.png: expected a picture that a worker survives\. .*\n$/m);
    expect(code).toBe(1);
    expect(one.stderr().match(/was ended by SIGKILL: another takes its place/g)).toHaveLength(3);
    one.child.kill('SIGTERM');
    expect(await one.end(), one.stderr()).toBe(0);
    const sound = redis.worker(['--once']);
    const resumed = run('fatal', redis.address, '--resume');
    expect(await resumed.end(), resumed.stderr()).toBe(0);
    expectWhole('fatal');
    await sound.end();
  });
});

describe.concurrent('docs/many_machines.md', { ...needs('redis', hasRedis), timeout: 240_000 }, () => {
  test('shows commands that run', async () => {
    await using redis = await ownRedis(cwd, 'document');
    const { text, blocks } = documents.find(({ path }) => path === 'docs/many_machines.md') ?? expect.fail('none');
    const folder = folderIn(cwd, 'document');
    await prepareFiles(folder, text);
    const commands = blocks
      .flatMap(({ code }) => [...code.matchAll(/^\$ lowformer ((?:.*\\\n)*.*)$/gm)])
      .map(([, command = '']) => command.replace(/\\\n/g, ' ').replace(/ #.*/, '').trim())
      .filter((command) => command.includes('--queue redis://node0'));
    const started = commands.map((command) =>
      start(command.replace('redis://node0', redis.address).split(/\s+/), { cwd: folder }),
    );
    expect(commands.map((command) => command.split(' ')[0])).toEqual(['worker', 'evaluate', 'detect']);
    const [worker, ...others] = started;
    for (const one of others) expect(await one.end(), one.stderr()).toBe(0);
    expect(filesIn(folder)).toEqual(expect.arrayContaining(['figures.json', 'found.json', 'found.jsonl']));
    worker?.child.kill('SIGTERM');
    expect(await worker?.end(), worker?.stderr()).toBe(0);
  });
});

describe.concurrent('other servers', { ...needs('valkey', hasValkey), timeout: 240_000 }, () => {
  test('Valkey holds a queue as Redis does', async () => {
    await using valkey = await ownRedis(cwd, 'valkey', VALKEY);
    const one = valkey.worker(['--once']);
    const given = run('valkey', valkey.address);
    expect(await given.end(), given.stderr()).toBe(0);
    expectWhole('valkey');
    expect(await one.end(), one.stderr()).toBe(0);
  });
});

describe.concurrent('the other tasks', { ...needs('redis', hasRedis), timeout: 240_000 }, () => {
  test('give the figures of one process: label maps and rankings', async () => {
    await using redis = await ownRedis(cwd, 'tasks');
    await writeModel(cwd, 'seg', segmentor);
    await writeModel(cwd, 'cls', classifier);
    const names = Array.from({ length: 9 }, (_, i) => i);
    const truth = folderIn(cwd, 'tasks.labels');
    const pictures = folderIn(cwd, 'tasks.images');
    const classes = classifier.metainfo.classes.map((name) => folderIn(cwd, `tasks.classes/${name}`));
    for (const i of names) {
      const picture = drawPicture(90, 60, 20 * i);
      await writePicture(join(pictures, `${i}.png`), picture);
      const labels = Uint8Array.from({ length: 90 * 60 }, (_, at) => (at + i) % segmentor.metainfo.classes.length);
      await sharp(labels, { raw: { width: 90, height: 60, channels: 1 } })
        .toColourspace('b-w')
        .png()
        .toFile(join(truth, `${i}.png`));
      await writePicture(join(classes[i % classes.length] ?? '', `${i}.png`), picture);
    }
    const one = redis.worker();
    const tasks = {
      seg: ['--images', 'tasks.images', '--annotations', 'tasks.labels', '--predictions'],
      cls: ['--images', 'tasks.classes'],
    };
    for (const [task, data] of Object.entries(tasks)) {
      const command = async (name: string, ...more: readonly string[]) => {
        const own = data.flatMap((arg) => (arg === '--predictions' ? [arg, `${name}.found`] : [arg]));
        const args = ['evaluate', `${task}.json`, '--checkpoint', `${task}.safetensors`, ...own];
        const { code, stderr } = await start([...args, '--json', `${name}.out`, ...more], { cwd }).whole();
        expect(code, stderr).toBe(0);
        return filesIn(cwd)
          .filter((file) => file === `${name}.out` || file.startsWith(`${name}.found/`))
          .map((file) => [file.slice(name.length), readFileSync(join(cwd, file)).toString('base64')]);
      };
      const [alone, given] = [await command(`${task}1`), await command(`${task}2`, '--queue', redis.address)];
      expect(alone).toHaveLength(task === 'seg' ? names.length + 1 : 1);
      expect(given).toEqual(alone);
    }
    one.child.kill('SIGTERM');
    expect(await one.end(), one.stderr()).toBe(0);
  });
});

describe.concurrent('detect over a queue', { ...needs('redis', hasRedis), timeout: 240_000 }, () => {
  test('writes the records of one process, and names the picture that cannot be read once the others are done', async () => {
    await using redis = await ownRedis(cwd, 'detect');
    writeFileSync(join(cwd, 'none.png'), 'no picture');
    const detect = (name: string, ...more: readonly string[]) => {
      const args = ['detect', 'det.json', 'images', 'none.png', '--checkpoint', 'det.safetensors', '--format', 'jsonl'];
      return start([...args, '--json', `${name}.jsonl`, '--quiet', ...more], { cwd }).whole();
    };
    const alone = expectMistake(await detect('alone'));
    const one = redis.worker(['--once']);
    const given = expectMistake(await detect('given', '--queue', redis.address));
    expect(given).toBe(alone);
    expect(given).toMatch(/80.*\n {2}none\.png: /s);
    expect(read('given.jsonl')).toBe(read('alone.jsonl'));
    expect(read('given.jsonl').trim().split('\n')).toHaveLength(COUNT);
    expect(await one.end(), one.stderr()).toBe(0);
  });

  test('goes on without the picture at which workers end, alone of its batch, and names it at the end', async () => {
    await using redis = await ownRedis(cwd, 'batches');
    const names = Array.from({ length: 12 }, (_, i) => `images/${i}.png`);
    const detect = (name: string, files: readonly string[], ...more: readonly string[]) => {
      const args = ['detect', 'det.json', ...files, '--checkpoint', 'det.safetensors', '--format', 'jsonl'];
      return start([...args, '--batch-size', '4', '--json', `${name}.jsonl`, '--quiet', ...more], { cwd }).whole();
    };
    const deadly = 'images/5.png';
    const alone = await detect(
      'batches',
      names.filter((name) => name !== deadly),
    );
    expect(alone.code, alone.stderr).toBe(0);
    const workers = [redis.worker([], deadlyAt('5.png')), redis.worker([], deadlyAt('5.png'))];
    const message = expectMistake(await detect('survived', names, '--queue', redis.address));
    expect(message).toContain('expected 12 pictures that can be used but received 11.');
    expect(message).toContain(`\n  ${deadly}: expected a picture that a worker survives`);
    expect(read('survived.jsonl')).toBe(read('batches.jsonl'));
    for (const { child } of workers) child.kill('SIGKILL');
  });
});

describe.concurrent('a worker unlike the others', { ...needs('redis', hasRedis), timeout: 240_000 }, () => {
  test('that lacks one picture ends the run: picture and worker are named', async () => {
    await using redis = await ownRedis(cwd, 'lacking');
    rmSync(join(cwd, copiedImages('partial'), '40.png'));
    const one = redis.worker(['--path-map', `${cwd}/images=${cwd}/partial`]);
    const message = expectMistake(await run('lacking', redis.address, '--quiet').whole());
    expect(message).toContain(`${cwd}/images/40.png: expected a picture that worker ${hostname()}:`);
    expect(message).toContain(`can read, as it can be read here. The worker says: ${cwd}/partial/40.png: expected`);
    one.child.kill('SIGKILL');
  });

  test('of another version is refused in one message, which names both', async () => {
    await using redis = await ownRedis(cwd, 'version');
    const own = z.object({ version: z.string() }).parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));
    const other = folderIn(cwd, 'other');
    cpSync(join(ROOT, 'dist'), join(other, 'dist'), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(other, 'node_modules'));
    const description: unknown = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    writeFileSync(join(other, 'package.json'), JSON.stringify(Object.assign({}, description, { version: '9.9.9' })));
    const given = run('version', redis.address);
    const command = join(other, 'dist', 'tools', 'lowformer.js');
    const foreign = start(['worker', '--queue', redis.address, '--once', '--quiet'], { cwd, command });
    const refusal = `expected work of lowformer 9.9.9, which this worker is, but received '${own.version}'. Install the same version on every machine.`;
    expect(expectMistake(await foreign.whole())).toContain(refusal);
    await given.until(/worker \S+ takes no pictures of this run: run \w+: expected work of lowformer 9\.9\.9/);
    const one = redis.worker(['--once']);
    expect(await given.end(), given.stderr()).toBe(0);
    expectWhole('version');
    await one.end();
  });
});

describe.concurrent('what a queue cannot be', { ...needs('redis', hasRedis), timeout: 240_000 }, () => {
  test('a wrong password, and a Redis that evicts: one message, without the password', async () => {
    await using closed = await redisServer(cwd, '--appendonly', 'no', '--requirepass', 'sesame');
    for (const password of ['', ':wrongone@']) {
      const address = closed.address.replace('//', `//${password}`);
      const message = expectMistake(await run('x', address).whole());
      expect(message).toMatch(/^redis:\/\/127\.0\.0\.1:\d+: expected the password of this Redis/);
      expect(message).not.toContain('wrongone');
    }
    await using evicting = await redisServer(cwd, '--appendonly', 'no', '--maxmemory-policy', 'allkeys-lru');
    const message = expectMistake(await start(['worker', '--queue', evicting.address], { cwd }).whole());
    expect(message).toContain(
      "expected a Redis that evicts nothing (maxmemory-policy noeviction) but received 'allkeys-lru'",
    );
  });

  test('a worker with other weights, or without the pictures takes nothing, and says why', async () => {
    await using redis = await ownRedis(cwd, 'wrong');
    const elsewhere = folderIn(cwd, 'elsewhere');
    writeFileSync(
      join(elsewhere, 'other.safetensors'),
      Buffer.concat([readFileSync(join(cwd, 'det.safetensors')), Buffer.from(' ')]),
    );
    const wrong = run('wrong', redis.address);
    await wrong.until('no worker is at');
    const refused = async (...args: readonly string[]) =>
      expectMistake(await redis.worker(['--once', '--quiet', ...args]).whole());
    const weights = await refused('--weights', 'elsewhere/other.safetensors');
    expect(weights).toMatch(
      /other\.safetensors: expected the weights of this run \(SHA-256 \w{16}…\) but received '.*has \w{16}'/,
    );
    const blind = await refused('--path-map', `${cwd}/images=/nowhere`);
    expect(blind).toMatch(/^\/nowhere\/\d+\.png: expected the pictures of the run, which this machine does not see/);
    await wrong.until(/worker \S+ takes no pictures of this run: .*weights of this run/);
    const one = redis.worker(['--once']);
    expect(await wrong.end(), wrong.stderr()).toBe(0);
    expectWhole('wrong');
    await one.end();
  });
});
