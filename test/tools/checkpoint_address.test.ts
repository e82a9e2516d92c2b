/** Weights by their address, and those that were published, on the command line. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { fileFingerprint } from '../../runs/fingerprint.js';
import { fakeCheckpoint } from '../weights/download/fake_checkpoint.js';
import { CERTIFICATE, sendFile, sha256, startSecureServer, startServer } from '../weights/download/file_server.js';
import { COMMAND, folderIn, lowformer, temporaryFolder } from './command_line.js';
import { detector, drawPicture, expectMistake, writeModel, writePicture } from './tiny_models.js';

const cwd = temporaryFolder();
/** No proxy, and no real host: what is asked for is on this machine. */
const ALONE = {
  ...Object.fromEntries(['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy'].map((name) => [name, ''])),
  LOWFORMER_OFFLINE: '',
  LOWFORMER_MIRROR: 'http://127.0.0.1:9',
};
let caches = 0;
/** A cache of its own, and the command with it. */
function withCache(env: Readonly<Record<string, string>> = {}) {
  const cache = folderIn(cwd, `cache ${++caches}`);
  const all = { ...ALONE, LOWFORMER_CACHE: cache, ...env };
  return { cache, env: all, run: (...args: readonly string[]) => lowformer(args, { cwd, env: all }) };
}

const filesOf = (cache: string) =>
  readdirSync(cache, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ name }) => name)
    .sort();

let weights = new Uint8Array();
let file = '';

beforeAll(async () => {
  await writeModel(cwd, 'tiny', detector);
  await writePicture(join(cwd, 'picture.png'), drawPicture(96, 64));
  weights = readFileSync(join(cwd, 'tiny.safetensors'));
  file = `tiny-${sha256(weights).slice(0, 8)}.safetensors`;
});

test('detect takes an address, and downloads once', async () => {
  const { base, requests } = await startServer((request, response) => sendFile(request, response, weights));
  const { run } = withCache();
  const local = await run('detect', 'tiny.json', 'picture.png', '--checkpoint', 'tiny.safetensors');
  const first = await run('detect', 'tiny.json', 'picture.png', '--checkpoint', `${base}/${file}`);
  expect(first).toMatchObject({ code: 0, stdout: local.stdout });
  expect(JSON.parse(first.stdout)[0].detections.length).toBeGreaterThan(0);
  expect(first.stderr).toContain(`downloading ${base}/${file}\n[1/1] ${file}\n`);
  const again = await run('detect', 'tiny.json', 'picture.png', '--checkpoint', `${base}/${file}`, '--offline');
  expect(again).toMatchObject({ code: 0, stdout: local.stdout });
  expect(again.stderr).not.toContain('downloading');
  expect(requests).toEqual([`GET /${file}`]);
});

test('so do the other commands, and load_from', async () => {
  const { base, requests } = await startServer((request, response) => sendFile(request, response, weights));
  const { run } = withCache();
  const address = `${base}/${file}`;
  expect(await run('inspect', 'tiny.json', '--checkpoint', address)).toMatchObject({ code: 0 });
  const [local, remote] = [join(cwd, 'local.onnx'), join(cwd, 'remote.onnx')];
  await run('export', 'tiny.json', '--checkpoint', 'tiny.safetensors', '--out', local);
  expect(await run('export', 'tiny.json', '--checkpoint', address, '--out', remote)).toMatchObject({ code: 0 });
  expect(await fileFingerprint(remote)).toBe(await fileFingerprint(local));
  writeFileSync(join(cwd, 'from.json'), JSON.stringify({ _base_: 'tiny.json', load_from: address }));
  expect(await run('detect', 'from.json', 'picture.png')).toMatchObject({ code: 0 });
  const quick = ['--rounds', '1', '--warm-up', '0', '--size', '64x64', '--no-memory'];
  const measured = await run('benchmark', 'tiny.json', ...quick, '--checkpoint', address, '--json', '-');
  expect(JSON.parse(measured.stdout).results[0].weights).toMatch(file);
  expect(requests).toHaveLength(1);
});

test('what needs no trained weights downloads none that are not named', async () => {
  const { run, cache } = withCache();
  writeFileSync(join(cwd, 'far.json'), JSON.stringify({ _base_: 'tiny.json', load_from: 'https://far.invalid/a.pth' }));
  const quick = ['--rounds', '1', '--warm-up', '0', '--size', '64x64', '--no-memory', '--json', '-'];
  const measured = await run('benchmark', 'far.json', ...quick);
  expect(JSON.parse(measured.stdout).results[0].weights).toBe('initial');
  expect(await run('inspect', 'far.json')).toMatchObject({ code: 0 });
  expect(await run('config', 'print', 'far.json')).toMatchObject({ code: 0 });
  expect(filesOf(cache)).toEqual([]);
});

describe('killed in the middle', () => {
  const large = fakeCheckpoint(40_000_000);
  const name = `large-${sha256(large).slice(0, 8)}.pth`;

  /** Starts the command, and ends it with `kill -9` once that many bytes have come. */
  async function kill(args: readonly string[], env: NodeJS.ProcessEnv, hasCome: () => boolean): Promise<void> {
    const child = spawn(process.execPath, [COMMAND, ...args], {
      cwd,
      env: { ...process.env, ...env },
      stdio: 'ignore',
    });
    while (!hasCome()) await new Promise((resolve) => setTimeout(resolve, 10));
    await new Promise((resolve) => {
      child.on('exit', resolve);
      child.kill('SIGKILL');
    });
  }

  test('it is taken up where it was, and the file is the same', async () => {
    const { cache, env, run } = withCache();
    let slow = true;
    const { base, requests } = await startServer((request, response) => {
      if (!slow) return sendFile(request, response, large, { etag: '"1"' });
      response.writeHead(200, { 'content-length': large.length, etag: '"1"' });
      response.write(large.subarray(0, 15_000_000));
    });
    const args = ['inspect', 'tiny.json', '--checkpoint', `${base}/${name}`];
    const part = () => readdirSync(cache, { recursive: true, encoding: 'utf8' }).find((path) => path.endsWith('.part'));
    await kill(args, env, () => {
      const path = part();
      return path !== undefined && readFileSync(join(cache, path)).length === 15_000_000;
    });
    expect(filesOf(cache)).toEqual([expect.stringMatching(/\.lock$/), `${name}.part`, `${name}.part.json`]);
    slow = false;
    // It is no checkpoint of the config, which is told once it is there.
    const { stderr } = await run(...args);
    expect(stderr).toContain(`downloading ${base}/${name}, the rest of a file of which 15.0 MB are here\n`);
    expect(requests).toEqual([`GET /${name}`, `GET /${name} bytes=15000000-`]);
    expect(filesOf(cache)).toEqual([name, `${name}.json`]);
    const whole = readdirSync(cache, { recursive: true, encoding: 'utf8' }).find((path) => path.endsWith(name));
    expect(sha256(readFileSync(join(cache, whole ?? '')))).toBe(sha256(large));
  });
});

test('two processes at once download once', async () => {
  const { base, requests } = await startServer((request, response) => {
    setTimeout(() => sendFile(request, response, weights), 1500);
  });
  const { cache, env } = withCache();
  const args = ['detect', 'tiny.json', 'picture.png', '--checkpoint', `${base}/${file}`];
  const both = await Promise.all([1, 2].map(() => lowformer(args, { cwd, env, process: 'own' })));
  expect(both.map(({ code }) => code)).toEqual([0, 0]);
  expect(both[0]?.stdout).toBe(both[1]?.stdout);
  expect(requests).toHaveLength(1);
  expect(filesOf(cache)).toEqual([file, `${file}.json`]);
});

describe('one clear message', () => {
  test.each([
    ['offline', '--offline', /expected a file in the cache, since nothing is downloaded offline\. It would be /],
    ['for an address that is not there', '', /answers 404: it has no such file\. Look at the address\. Download it by/],
  ])('%s', async (_, option, message) => {
    const { base } = await startServer((_request, response) => response.writeHead(404).end());
    const { run, cache } = withCache();
    const args = ['detect', 'tiny.json', 'picture.png', '--checkpoint', `${base}/${file}`];
    const result = await run(...args, ...(option === '' ? [] : [option]));
    expect(expectMistake(result)).toMatch(message);
    expect(filesOf(cache)).toEqual([]);
  });

  test('for weights of another network', async () => {
    const { base } = await startServer((request, response) => sendFile(request, response, weights));
    const { run } = withCache();
    const result = await run(
      'detect',
      'retinanet_lowformer-b0_fpn_1x_coco',
      'picture.png',
      '--checkpoint',
      `${base}/${file}`,
    );
    expect(expectMistake(result)).toMatch(new RegExp(`${file}: expected `));
  });
});
describe('over https', () => {
  const args = (address: string) => ['detect', 'tiny.json', 'picture.png', '--checkpoint', address];

  test('a certificate is trusted where this machine does, or is told to', async () => {
    const { base } = await startSecureServer((request, response) => sendFile(request, response, weights));
    const address = `${base}/${file}`;
    const distrusting = withCache({ NODE_EXTRA_CA_CERTS: '' });
    expect(expectMistake(await distrusting.run(...args(address)))).toBe(
      `${address}: expected a file to download. The server's certificate is not of an authority that this machine trusts (of a firm's own authority NODE_EXTRA_CA_CERTS names the file).`,
    );
    const trusting = withCache({ NODE_EXTRA_CA_CERTS: CERTIFICATE });
    expect(await trusting.run(...args(address))).toMatchObject({ code: 0 });
  });

  test('no redirect leads from there to http', async () => {
    const { base, requests } = await startServer((request, response) => sendFile(request, response, weights));
    const secure = await startSecureServer((_, response) =>
      response.writeHead(302, { location: `${base}/${file}` }).end(),
    );
    const { run } = withCache({ NODE_EXTRA_CA_CERTS: CERTIFICATE });
    expect(expectMistake(await run(...args(`${secure.base}/${file}`)))).toMatch(
      /The server sends one from https to http:\/\/127\.0\.0\.1:\d+\/tiny-\w+\.safetensors, which is not protected/,
    );
    expect(requests).toEqual([]);
  });
});

describe('a published model', () => {
  const NAME = 'retinanet_r50_fpn_1x_coco';
  const PUBLISHED = 'retinanet_r50_fpn_1x_coco_20200130-c2398f9e.pth';

  test('takes its own weights, which are said to be what they are, and are held to the published digits', async () => {
    const { base, requests } = await startServer((request, response) => sendFile(request, response, weights));
    const { run, cache } = withCache({ LOWFORMER_MIRROR: `${base}/mirror` });
    for (const args of [
      ['detect', NAME, 'picture.png'],
      ['export', NAME, '--out', 'model.onnx'],
    ]) {
      const result = await run(...args);
      const address = `https://download.openmmlab.com/mmdetection/v2.0/retinanet/${NAME}/${PUBLISHED}`;
      expect(result.stderr).toContain(
        `downloading ${address} (about 151.9 MB, published by mmdetection under Apache-2.0)\n`,
      );
      expect(expectMistake(result)).toContain(
        `${address}: expected a file whose SHA-256 begins with c2398f9e but received '${sha256(weights).slice(0, 16)}'. It is damaged or another file, and was removed.`,
      );
    }
    expect(requests).toEqual(Array.from({ length: 2 }, () => expect.stringContaining(`GET /mirror/mmdetection/v2.0/`)));
    expect(filesOf(cache)).toEqual([]);
  });

  test('is inspected without them', async () => {
    const { run, cache } = withCache();
    expect(await run('inspect', NAME)).toMatchObject({ code: 0 });
    expect(filesOf(cache)).toEqual([]);
  });
});
