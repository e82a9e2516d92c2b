/** The steps of the Dockerfile, replayed in a folder, since Docker is not everywhere: what the image would hold runs as it would there. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkBuild } from '../checked_build.js';
import { execForm, type Instruction, readStages } from '../dockerfile.js';
import { needs } from '../needs.js';
import { run } from '../run_program.js';
import { ROOT } from '../workspace.js';
import { DEVICES_WANTED, FOLDER } from './emulators.js';
import { hasRedis, redisServer } from './redis_server.js';

const isRoot = DEVICES_WANTED && process.platform === 'linux' && process.getuid?.() === 0;
const HADOLINT = join(FOLDER, 'hadolint', 'hadolint');
/** The stage that compiles: what comes of it is here already, and held to be newer than the sources. */
const BUILT = 'build';
checkBuild();
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'lowformer-image-')));
const stages = readStages();
const final = stages.at(-1) ?? expect.fail('no stages');
const value = (name: string) => final.instructions.find((one) => one.name === name)?.value ?? '';
const image = join(folder, 'final');
/** User 1000, who owns nothing here. */
const asNobody = { uid: 1000, gid: 1000 };
const env = {
  PATH: `${join(image, 'usr/local/bin')}:${dirname(process.execPath)}:/usr/bin:/bin`,
  NODE_ENV: 'production',
  HOME: '/nonexistent',
  TMPDIR: join(image, 'cache'),
  LOWFORMER_CACHE: join(image, 'cache'),
};

/** `COPY` and `RUN` of a stage, with its own root. */
async function replay(root: string, instructions: readonly Instruction[]): Promise<void> {
  let work = root;
  mkdirSync(join(root, 'usr/local/bin'), { recursive: true });
  for (const { name, value: text, flags } of instructions) {
    if (name === 'WORKDIR') {
      work = join(root, text);
      mkdirSync(work, { recursive: true });
    }
    if (name === 'COPY') await copy(text, flags.from, { root, work });
    if (name === 'RUN') await runStep(text, { root, work });
  }
}

interface Place {
  readonly root: string;
  readonly work: string;
}

async function copy(text: string, from: string | undefined, { work }: Place): Promise<void> {
  const words = text.split(/\s+/);
  const target = join(work, words.pop() ?? '');
  for (const word of words) {
    const source =
      from === undefined
        ? join(ROOT, word)
        : from === BUILT
          ? join(ROOT, word.replace('/build/', ''))
          : join(folder, from, word);
    const place = text.endsWith('/') ? join(target, basename(source)) : target;
    mkdirSync(dirname(place), { recursive: true });
    // Links take no time; what is of the repository stays its own.
    const { code, stderr } = await run('cp', ['-r', ...(source.startsWith(ROOT) ? [] : ['-l']), source, place], folder);
    expect([source, code, stderr]).toEqual([source, 0, '']);
  }
}

async function runStep(text: string, { root, work }: Place): Promise<void> {
  const own = text.replace(/(?<=\s)\/(?=\w)/g, `${root}/`);
  const { code, stderr } = await run('sh', ['-ec', `export npm_config_prefer_offline=true; ${own}`], work);
  expect({ text, code, stderr: code === 0 ? '' : stderr }).toEqual({ text, code: 0, stderr: '' });
}

beforeAll(async () => {
  if (!isRoot) return;
  chmodSync(folder, 0o755);
  for (const { name, instructions } of stages.filter((stage) => stage.name !== BUILT))
    await replay(join(folder, name ?? 'final'), instructions);
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('serves as a user without rights, and its check finds it healthy', needs('root', isRoot), async () => {
  const command = [...execForm(value('ENTRYPOINT')), ...execForm(value('CMD')), '--port', '0'];
  expect(command.slice(0, 2)).toEqual(['lowformer', 'serve']);
  const child = spawn('lowformer', command.slice(1), { cwd: join(image, 'data'), env, ...asNobody });
  const said: string[] = [];
  child.stderr.on('data', (piece: Buffer) => said.push(piece.toString()));
  const ended = once(child, 'exit');
  const [line] = await Promise.race([
    once(createInterface(child.stdout), 'line'),
    ended.then(() => expect.fail(said.join(''))),
  ]);
  const { port } = new URL(String(line));
  const check = execForm(value('HEALTHCHECK').replace(/^(?:--\S+\s+)*CMD\s+/, '')).map((word) =>
    word.replace(':8080/', `:${port}/`),
  );
  const healthy = async () => (await run(process.execPath, check.slice(1), image)).code;
  expect(await healthy()).toBe(0);
  const body = readFileSync(join(image, 'app/assets/blood_cells.jpg'));
  const headers = { 'content-type': 'image/jpeg' };
  const answer = await fetch(`http://127.0.0.1:${port}/v1/models/blood-cells/detect`, {
    method: 'POST',
    headers,
    body,
  });
  expect([answer.status, (await answer.text()).length > 1000]).toEqual([200, true]);
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  expect(await healthy()).toBe(1);
});

test('has what a queue needs, and no libraries of other systems', needs('redis', isRoot && hasRedis), async () => {
  await using redis = await redisServer(folder, '--appendonly', 'no');
  const options = { cwd: join(image, 'data'), env, ...asNobody };
  const worker = spawn('lowformer', ['worker', '--queue', redis.address, '--once'], { ...options, stdio: 'ignore' });
  const picture = join(image, 'app/assets/blood_cells.jpg');
  const args = ['detect', 'blood-cells', picture, '--queue', redis.address, '--quiet'];
  const found = spawn('lowformer', args, { ...options, stdio: ['ignore', 'pipe', 'inherit'] });
  const pieces: string[] = [];
  found.stdout?.on('data', (piece: Buffer) => pieces.push(piece.toString()));
  const [[code], [served]] = await Promise.all([once(found, 'close'), once(worker, 'exit')]);
  expect([code, served, pieces.join('').includes('"detections"')]).toEqual([0, 0, true]);
  const libraries = join(image, 'app/node_modules/onnxruntime-node/bin/napi-v6');
  expect(['linux', 'darwin', 'win32'].filter((name) => existsSync(join(libraries, name)))).toEqual(['linux']);
});

test('hadolint finds nothing', needs('hadolint', DEVICES_WANTED && existsSync(HADOLINT)), async () => {
  const report = await run(HADOLINT, [join(ROOT, 'Dockerfile')], folder);
  expect(report).toMatchObject({ code: 0, stdout: '' });
  const bad = join(folder, 'Dockerfile.bad');
  writeFileSync(bad, 'FROM node\nRUN sudo ls\n');
  expect((await run(HADOLINT, [bad], folder)).code).not.toBe(0);
});
